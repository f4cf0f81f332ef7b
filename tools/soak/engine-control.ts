/**
 * A control of the soak, in a process of its own: an agent's room without Sightline, in which one
 * track comes after the other. It measures what the RTC engine itself keeps of each.
 *
 * Its arguments are the LiveKit server as JSON, and the kind of tracks. Answers `cost` with an
 * {@link EngineCost}.
 */
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { collectGarbage, nativeMb } from '../../src/testing/measure/memory.ts';
import { trendOf } from '../../src/testing/measure/trend.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { messageOf } from '../../src/thrown.ts';
import type { EngineCost, TrackKind } from './engine-cost.ts';
import { type EngineTracks, PublishedTracks, SubscribedTracks } from './engine-tracks.ts';

/**
 * Tracks between two measurements. The engine keeps much of each published one, and loses a room in
 * which hundreds were published.
 */
const ROUND: Readonly<Record<TrackKind, number>> = { subscribed: 10, published: 3 };
/** Measurements while the process grows to its normal size, and the fewest that make a trend. */
const WARM_UP = 10;
const FEWEST = 10;
/** After so many measurements the trend is clear, and the room is not filled further. */
const ENOUGH = 40;
/** Failures in sequence after which the control gives up. */
const MOST_FAILURES = 3;

const [, , serverAsJson = '', kindName] = process.argv;
const kind: TrackKind = kindName === 'published' ? 'published' : 'subscribed';
const server = JSON.parse(serverAsJson) as LiveKitServer;
const name = uniqueRoomName('soak-control');
const room = await joinRoom(server, name, 'agent', { kind: 'agent' });
const native: number[] = [];

const opened = (): Promise<EngineTracks> =>
  kind === 'published'
    ? Promise.resolve(new PublishedTracks(room))
    : SubscribedTracks.open(server, name, room);

/** On a busy machine, a publication can be lost: another user goes on. */
async function oneAfterTheOther(): Promise<void> {
  let tracks = await opened();
  let failures = 0;
  while (native.length < ENOUGH) {
    try {
      for (let track = 0; track < ROUND[kind]; track++) await tracks.next();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === MOST_FAILURES) throw error;
      console.error(`soak control: ${messageOf(error)}`);
      await tracks.end();
      tracks = await opened();
      continue;
    }
    await collectGarbage();
    native.push(nativeMb());
  }
}

function cost(): EngineCost {
  const points = native
    .map((value, round) => ({ minutes: round * ROUND[kind], value }))
    .slice(WARM_UP);
  const isTrend = points.length >= FEWEST;
  if (failure && !isTrend) throw failure;
  // The line over the number of tracks, in place of the time.
  const slope = isTrend ? trendOf(points).slope : 0;
  return { tracks: native.length * ROUND[kind], mbPerTrack: Math.max(0, slope) };
}

let failure: unknown;
// It ends with the soak, in the middle of a track, and the user's process with it.
oneAfterTheOther().catch((error: unknown) => {
  failure = error;
});
await answerLines(async (line) => {
  if (line !== 'cost') throw new Error(`unknown request ${line}`);
  return cost();
});
process.exit(0);
