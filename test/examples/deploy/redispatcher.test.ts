import type { ParticipantInfo, Room } from 'livekit-server-sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { Redispatcher } from '../../../examples/deploy/redispatcher.ts';

const STANDARD = 0;
const EGRESS = 2;
const SIP = 3;
const AGENT = 4;
const GRACE_MS = 20_000;

interface Present {
  kind: number;
  attributes?: Record<string, string>;
}

/** A server with these participants in its rooms. */
class World {
  time = 0;
  readonly rooms = new Map<string, Present[]>();
  readonly sent: string[] = [];
  readonly redispatcher = new Redispatcher({
    rooms: {
      listRooms: async () => [...this.rooms.keys()].map((name) => ({ name }) as Room),
      listParticipants: async (name) => {
        const present = this.rooms.get(name);
        if (!present) throw new Error('no such room');
        return present.map(
          ({ kind, attributes = {} }) => ({ kind, attributes }) as ParticipantInfo,
        );
      },
    },
    dispatches: {
      createDispatch: async (name) => {
        this.sent.push(name);
        return {} as never;
      },
    },
    graceMs: GRACE_MS,
    now: () => this.time,
  });

  async sweepAt(time: number): Promise<void> {
    this.time = time;
    await this.redispatcher.sweep();
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a room gets an agent', () => {
  test('a room gets an agent if a user was alone for the grace period, and only one', async () => {
    world.rooms.set('lost', [{ kind: STANDARD }]);
    await world.sweepAt(0);
    await world.sweepAt(GRACE_MS - 1);
    expect(world.sent).toEqual([]);
    await world.sweepAt(GRACE_MS);
    await world.sweepAt(GRACE_MS + 5000);
    expect(world.sent).toEqual(['lost']);
  });

  test('a room gets another agent if the one that was sent did not join', async () => {
    world.rooms.set('lost', [{ kind: SIP }]);
    for (let time = 0; time <= 3 * GRACE_MS; time += GRACE_MS) await world.sweepAt(time);
    expect(world.sent).toEqual(['lost', 'lost', 'lost']);
  });

  test('a room gets an agent if only the avatar of an earlier agent is left', async () => {
    const attributes = { 'lk.publish_on_behalf': 'agent' };
    world.rooms.set('lost', [{ kind: STANDARD }, { kind: AGENT, attributes }]);
    await world.sweepAt(0);
    await world.sweepAt(GRACE_MS);
    expect(world.sent).toEqual(['lost']);
  });
});

describe('a room that needs no agent', () => {
  test.each([
    ['with an agent', [{ kind: STANDARD }, { kind: AGENT }]],
    ['without people', [{ kind: EGRESS }]],
    ['without participants', []],
  ])('a room %s gets no new agent', async (_, present) => {
    world.rooms.set('fine', present);
    await world.sweepAt(0);
    await world.sweepAt(2 * GRACE_MS);
    expect(world.sent).toEqual([]);
  });

  test('a room whose agent was always away for less than the grace period gets no new agent', async () => {
    for (let time = 0; time < 4 * GRACE_MS; time += GRACE_MS) {
      world.rooms.set('fine', [{ kind: STANDARD }]);
      await world.sweepAt(time);
      world.rooms.set('fine', [{ kind: STANDARD }, { kind: AGENT }]);
      await world.sweepAt(time + GRACE_MS / 2);
    }
    expect(world.sent).toEqual([]);
  });
});

test('a room that ends during a sweep does not stop the sweep', async () => {
  world.rooms.set('first', [{ kind: STANDARD }]);
  world.rooms.set('second', [{ kind: STANDARD }]);
  await world.sweepAt(0);
  const list = world.redispatcher.sweep();
  world.rooms.delete('first');
  await list;
  await world.sweepAt(GRACE_MS);
  expect(world.sent).toEqual(['second']);
});
