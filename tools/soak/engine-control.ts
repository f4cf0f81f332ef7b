/**
 * A control of the soak, in a process of its own: an agent's room without Sightline, in which a user
 * publishes one track after the other. It measures what the RTC engine itself keeps of each.
 *
 * Its argument is the LiveKit server as JSON. Answers `cost` with an {@link EngineCost}.
 */
import { RoomEvent, TrackSource } from '@livekit/rtc-node';
import { USER } from '../../src/testing/identities.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { collectGarbage } from '../../src/testing/measure/memory.ts';
import { trendOf } from '../../src/testing/measure/trend.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { User } from '../../src/testing/processes/user.ts';
import { joinRoom, ticket, uniqueRoomName } from '../../src/testing/rooms.ts';
import { untilEvent } from '../../src/testing/waits.ts';
import { messageOf } from '../../src/thrown.ts';

/** What the RTC engine keeps of the tracks that an agent was subscribed to. */
export interface EngineCost {
  readonly tracks: number;
  /** 0 if too few tracks were published for a trend. */
  readonly mbPerTrack: number;
}

const MB = 2 ** 20;
/** Tracks between two measurements. */
const ROUND = 10;
/** Measurements while the process grows to its normal size, and the fewest that make a trend. */
const WARM_UP = 10;
const FEWEST = 10;
/** Failures in sequence after which the control gives up. */
const MOST_FAILURES = 3;

const server = JSON.parse(process.argv[2] ?? '') as LiveKitServer;
const name = uniqueRoomName('soak-control');
const room = await joinRoom(server, name, 'agent', { kind: 'agent' });

const resident: number[] = [];
const tracksOf = () =>
  [...(room.remoteParticipants.get(USER)?.trackPublications.values() ?? [])].filter(
    ({ source }) => source === TrackSource.SOURCE_CAMERA,
  );

async function joinedUser(): Promise<User> {
  const user = new User();
  await user.request({ do: 'connect', ticket: await ticket(server, name, USER) });
  return user;
}

async function publishOnce(user: User): Promise<void> {
  await user.request({ do: 'share', what: 'camera', text: 'CONTROL' });
  const isThere = () => tracksOf().some(({ track }) => track !== undefined);
  await untilEvent('the track', room, [RoomEvent.TrackSubscribed], isThere);
  await user.request({ do: 'stop', what: 'camera' });
  await untilEvent('its end', room, [RoomEvent.TrackUnpublished], () => tracksOf().length === 0);
}

/** On a busy machine, a publication can be lost: another user goes on. */
async function publishing(): Promise<void> {
  let user = await joinedUser();
  let failures = 0;
  for (;;) {
    try {
      for (let track = 0; track < ROUND; track++) await publishOnce(user);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === MOST_FAILURES) throw error;
      console.error(`soak control: ${messageOf(error)}`);
      await user.child.kill();
      user = await joinedUser();
      continue;
    }
    await collectGarbage();
    resident.push(process.memoryUsage().rss / MB);
  }
}

function cost(): EngineCost {
  const points = resident.map((value, round) => ({ minutes: round * ROUND, value })).slice(WARM_UP);
  // The line over the number of tracks, in place of the time.
  const slope = points.length < FEWEST ? 0 : trendOf(points).slope;
  return { tracks: resident.length * ROUND, mbPerTrack: Math.max(0, slope) };
}

// It ends with the soak, in the middle of a track, and the user's process with it. An error of its
// own ends it too, which the soak reports when it asks.
void publishing();
await answerLines(async (line) => {
  if (line !== 'cost') throw new Error(`unknown request ${line}`);
  return cost();
});
process.exit(0);
