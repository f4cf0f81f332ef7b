/** One process in addition to the workers: dispatches agents to rooms that lost theirs. */
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { numberFrom } from './environment.ts';
import { Redispatcher } from './redispatcher.ts';

const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
if (!LIVEKIT_URL || !LIVEKIT_API_KEY || !LIVEKIT_API_SECRET) {
  console.error('set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET');
  process.exit(1);
}

const everyMs = 1000 * numberFrom('REDISPATCH_EVERY_SECONDS', 5);
const server = [LIVEKIT_URL.replace(/^ws/, 'http'), LIVEKIT_API_KEY, LIVEKIT_API_SECRET] as const;
const redispatcher = new Redispatcher({
  rooms: new RoomServiceClient(...server),
  dispatches: new AgentDispatchClient(...server),
  graceMs: 1000 * numberFrom('REDISPATCH_AFTER_SECONDS', 20),
});

process.once('SIGTERM', () => process.exit(0));
process.once('SIGINT', () => process.exit(0));

while (true) {
  try {
    for (const room of await redispatcher.sweep()) console.log(`an agent was sent to ${room}`);
  } catch (error) {
    // The server may be starting: the next check finds the same rooms.
    console.error(`sweep failed: ${String(error)}`);
  }
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
