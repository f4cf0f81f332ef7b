import { afterAll, afterEach, expect, test } from 'vitest';
import { Random } from '../../src/testing/random.ts';
import { until } from '../../src/testing/waits.ts';
import { Agent, endAgents, endReading, textIn } from '../support/faults/agent.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { type Person, RealRoom, type Share } from '../support/real-room.ts';

const SLOW = 300_000;
const USER = 'user';
const OTHERS = 9;
const STEPS = 50;
const SEED = Number(process.env.CROWD_SEED ?? 20_261_124);

afterEach(endAgents, SLOW);
afterAll(() => endReading());

/** A participant of the crowd, in the room or not, with a camera or without. */
interface Guest {
  readonly identity: string;
  person?: Person | undefined;
  camera?: Share | undefined;
}

describeWithServer('ten participants whose cameras come and go', (server) => {
  test(
    'the agent watches the user that it serves among ten participants, and no other one',
    async () => {
      const random = new Random(SEED);
      const room = await RealRoom.withAgent(server());
      // The user may leave and come back: the agent stays.
      const agent = await Agent.start(room, { inputOptions: { closeOnDisconnect: false } });
      const empty = agent.held;
      const served: Guest = { identity: USER, person: await room.join(USER) };
      await until('the user served', () => servedIdentity(agent) === USER);
      const others = Array.from(
        { length: OTHERS },
        (_, index): Guest => ({ identity: `guest-${index + 1}` }),
      );
      const watched = new Set<string>();
      agent.video.on('source.switched', ({ to }) => watched.add(to.identity));

      for (let step = 0; step < STEPS; step++) {
        await act(room, random.pick(others as [Guest, ...Guest[]]), random);
        if (step % 5 !== 4) continue;
        await act(room, served, random);
        if (served.camera) expect((await agent.see(served.camera)).identity).toBe(USER);
        else await agent.untilWatching(undefined);
      }
      // Whatever the last operation was, the user's camera is the watched one.
      served.camera ??= await served.person?.share('camera');
      expect(await textIn(await agent.see(served.camera as Share))).toContain(served.camera?.text);
      const cameras = others.filter(({ camera }) => camera).length;
      console.info({ seed: SEED, cameras, switches: agent.video.metrics().switches.count });
      expect([...watched]).toEqual([USER]);
      expect(agent.errors).toEqual([]);

      await Promise.all([served, ...others].map(leave));
      await agent.untilWatching(undefined);
      await agent.untilHoldsNoMoreThan(empty);
      expect(agent.isOpen).toBe(true);
    },
    SLOW,
  );
});

/** Joins, shows a camera, unpublishes it or leaves. */
async function act(room: RealRoom, guest: Guest, random: Random): Promise<void> {
  if (!guest.person) {
    // Subscriptions between all ten would need a bigger machine.
    guest.person = await room.join(guest.identity, { autoSubscribe: false });
  } else if (!guest.camera) {
    guest.camera = await guest.person.share('camera');
  } else if (guest.identity !== USER && random.next() < 0.3) {
    await leave(guest);
  } else {
    await guest.camera.stop();
    guest.camera = undefined;
  }
}

async function leave(guest: Guest): Promise<void> {
  await guest.camera?.stop();
  await guest.person?.leave();
  guest.camera = undefined;
  guest.person = undefined;
}

const servedIdentity = ({ session }: Agent) => session._roomIO?.linkedParticipant?.identity;
