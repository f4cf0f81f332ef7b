/**
 * Measures at a viewer how closely a `LocalAvatar`'s mouth follows its voice: `node --import tsx
 * tools/bench/avatar/main.ts [SECONDS]`.
 */
import '../../../src/testing/processes/quiet.ts';
import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { measureOffset } from '../../../src/testing/avatar/measure-offset.ts';
import { HOW_TO_GET_A_SERVER } from '../../../src/testing/livekit-server.ts';
import { connectOrStartServer } from '../../../src/testing/processes/find-server.ts';

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds >= 3 && seconds <= 3600)) {
  console.error(`${process.argv[2]} is no number of seconds: use one from 3 to 3600`);
  process.exit(2);
}
initializeLogger({ pretty: false, level: process.env.LOG_LEVEL ?? 'error' });
const server = await connectOrStartServer((line) => console.error(line));
if (!server) {
  console.error(`no LiveKit server: ${HOW_TO_GET_A_SERVER}`);
  process.exit(2);
}
try {
  console.log(JSON.stringify(await measureOffset(server, seconds)));
} finally {
  await server.stop();
  await dispose();
}
process.exit(0);
