import {
  createInspector,
  type Inspector,
  type InspectorServer,
  startInspector,
} from '../../src/inspect/index.ts';
import { TestViewer } from './inspect.ts';

const ends: (() => unknown)[] = [];

/** Ends what a test started, the newest first. For `afterEach`. */
export async function endInspection(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

/** Is called after the test. */
export function onEnd(end: () => unknown): void {
  ends.push(end);
}

export async function serve(
  options?: Parameters<typeof startInspector>[0],
): Promise<InspectorServer> {
  const server = await startInspector(options);
  onEnd(() => server.close());
  return server;
}

export function inspector(options: Parameters<typeof createInspector>[0]): Inspector {
  const made = createInspector(options);
  onEnd(() => made.close());
  return made;
}

/** A page that shows an agent: that of this name, or the only one. */
export async function viewerOf(server: InspectorServer, name?: string): Promise<TestViewer> {
  const viewer = await TestViewer.open(server);
  onEnd(() => viewer.close());
  const shown = () => viewer.sessions.find((one) => name === undefined || one.name === name);
  await viewer.until('the agent', () => shown() !== undefined);
  viewer.watch(shown()?.id ?? '');
  return viewer;
}
