import { existsSync } from 'node:fs';
import { StateMachine } from 'xstate';
import { forgetAddress, tellAddress } from '../inspect/address.ts';
import { type InspectorServer, readRecording, startInspector } from '../inspect/index.ts';
import { replay } from '../inspect/replay.ts';
import * as machines from '../machines/index.ts';
import { type InspectOptions, inspectOptions, USAGE } from './inspect-options.ts';

const USUAL_PORT = 4747;

/** Shows the agents of this machine, and recordings, until it is interrupted. */
export async function inspect(args: string[]): Promise<void> {
  const options = inspectOptions(args);
  if (options === 'help') console.log(USAGE);
  else await serve(options);
}

async function serve({ files, port, pixels }: InspectOptions): Promise<void> {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined)
    throw new Error(`${missing}: there is no such file. Give the path of a recording`);
  const recordings = await Promise.all(files.map(readRecording));
  const server = await listen(port, pixels);
  for (const [index, recording] of recordings.entries()) {
    server.load(recording);
    const note = recording.complete ? '' : '; it is incomplete: events or its end are missing';
    console.log(`${files[index]}: ${checked(recording.events)}${note}`);
  }
  await tellAddress({ pid: process.pid, agentUrl: server.agentUrl });
  console.log(`
  Inspector   ${server.url}

  An agent    SIGHTLINE_INSPECT=1 in its environment, or inspect: true
  Elsewhere   SIGHTLINE_INSPECT=${server.agentUrl}
  XState app  createWebSocketInspector({ url: '${server.agentUrl}' })

  The URL contains a token: keep it secret, because it shows what your agents do. Ctrl-C ends it.
`);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await forgetAddress(process.pid);
  await server.close();
}

async function listen(port: number | undefined, pixels: boolean): Promise<InspectorServer> {
  try {
    return await startInspector({ port: port ?? USUAL_PORT, pixels });
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || port !== undefined) throw error;
    return startInspector({ pixels });
  }
}

/** Whether a replay reaches the same states. */
function checked(events: Parameters<typeof replay>[0]): string {
  const ours = Object.values<unknown>(machines).filter((item) => item instanceof StateMachine);
  const { steps, actors, differences, different } = replay(events, ours);
  const [first] = differences;
  const result = first
    ? `${different} reached other states, first ${first.actor} at ${first.event}`
    : 'all reached the same states';
  return `${events.length} events; ${steps} steps of ${actors.length} machines replayed, ${result}`;
}
