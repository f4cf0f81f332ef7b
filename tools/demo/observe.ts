import { findAddress } from '../../src/inspect/address.ts';
import {
  createInspector,
  createRecorder,
  type Inspector,
  type InspectorServer,
  type Recorder,
  startInspector,
} from '../../src/inspect/index.ts';
import type { DemoOptions } from './options.ts';
import type { Observer } from './play.ts';
import type { Turn } from './result.ts';

/** Observers of the run: a live inspector, a recording, or none. */
export interface Observation extends Observer {
  /** Resolves when everything is sent; with the demo's own inspector, when the user ends it. */
  close(): Promise<void>;
}

type Chosen = Pick<DemoOptions, 'record' | 'inspect' | 'pixels'>;

export async function observe(options: Chosen, say: (text: string) => void): Promise<Observation> {
  const recorder: Recorder | undefined = options.record
    ? createRecorder(options.record, 'demo')
    : undefined;
  let own: InspectorServer | undefined;
  let inspector: Inspector | undefined;
  if (options.inspect) {
    let url = process.env.SIGHTLINE_INSPECT ?? (await findAddress())?.agentUrl;
    if (url === undefined) {
      own = await startInspector({ pixels: options.pixels });
      url = own.agentUrl;
      say(`Inspector: ${own.url}`);
    }
    inspector = createInspector({ url, name: 'demo', pixels: options.pixels });
    // The picture needs the first events too.
    await Promise.race([inspector.connected, new Promise((resolve) => setTimeout(resolve, 1000))]);
  }
  return {
    inspect(event) {
      recorder?.inspect(event);
      inspector?.inspect(event);
    },
    video(video) {
      recorder?.metrics(() => video.metrics());
      inspector?.metrics(() => video.metrics());
    },
    turn: (turn) => sendPicture(inspector, turn),
    async close() {
      await recorder?.close();
      await inspector?.close();
      if (!own) return;
      say('The inspector stays until you press Ctrl-C');
      await new Promise((resolve) => process.once('SIGINT', resolve));
      await own.close();
    },
  };
}

function sendPicture(inspector: Inspector | undefined, { picture, frame }: Turn): void {
  const [, base64] = picture?.split(',') ?? [];
  if (!inspector || !base64 || !frame) return;
  const { mimeType, width, height, source } = frame;
  inspector.picture({
    data: Buffer.from(base64, 'base64'),
    mimeType,
    width,
    height,
    label: source,
  });
}
