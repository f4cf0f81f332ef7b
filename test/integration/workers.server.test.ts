import { type Room, RoomEvent } from '@livekit/rtc-node';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, expect, test } from 'vitest';
import { Redispatcher } from '../../examples/deploy/redispatcher.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { endChildren } from '../../src/testing/processes/child.ts';
import { DeployedWorker } from '../../src/testing/processes/deployed-worker.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until, untilEvent, within } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';

/** Three workers with several processes each, and machines that run tests are busy. */
const SLOW = 400_000;
const START_LIMIT_MS = 100_000;
const END_LIMIT_MS = 60_000;
/**
 * A server that assigns jobs at random leaves one of two workers without any as rarely as 1 in 256.
 */
const MOST_ROOMS = 9;

const rooms: Room[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
  await endChildren();
});

/** A user in a separate room, who types. */
class Caller {
  readonly name: string;
  readonly #room: Room;

  private constructor(name: string, room: Room) {
    this.name = name;
    this.#room = room;
    rooms.push(room);
  }

  static async join(server: LiveKitServer): Promise<Caller> {
    const name = uniqueRoomName('workers');
    return new Caller(name, await joinRoom(server, name, 'caller'));
  }

  /** The agent that listens now; `undefined` if there is none. */
  get agent(): string | undefined {
    const agents = [...this.#room.remoteParticipants.values()];
    return agents.find(({ attributes }) => attributes['lk.agent.state'] === 'listening')?.identity;
  }

  async meetAgent(): Promise<string> {
    const events = [RoomEvent.ParticipantConnected, RoomEvent.ParticipantAttributesChanged];
    const isThere = () => this.agent !== undefined;
    await untilEvent('agent that listens', this.#room, events, isThere, START_LIMIT_MS);
    return this.agent ?? '';
  }

  async loseAgent(identity: string): Promise<void> {
    const isGone = () => !this.#room.remoteParticipants.has(identity);
    const events = [RoomEvent.ParticipantDisconnected];
    await untilEvent('end of the agent', this.#room, events, isGone, END_LIMIT_MS);
  }

  async ask(): Promise<string> {
    const topic = 'lk.transcription';
    const answer = new Promise<string>((resolve) => {
      this.#room.registerTextStreamHandler(topic, async (reader, { identity }) => {
        const text = await reader.readAll();
        if (identity !== 'caller') resolve(text);
      });
    });
    try {
      await this.#room.localParticipant?.sendText('What can you see?', { topic: 'lk.chat' });
      return await within('answer', answer);
    } finally {
      this.#room.unregisterTextStreamHandler(topic);
    }
  }

  leave(): Promise<void> {
    return this.#room.disconnect();
  }
}

const WITHOUT_CAMERA = 'I see no picture';
const READER = { SIGHTLINE_MODEL: 'reader' };

describeWithServer('several workers', (server) => {
  test(
    'workers share the rooms, one that is drained finishes its own, and those of a killed one are taken over',
    async () => {
      const workers = await Promise.all([
        DeployedWorker.start(server(), READER),
        DeployedWorker.start(server(), READER),
      ]);
      expect(await Promise.all(workers.map((worker) => worker.health()))).toEqual([200, 200]);

      // Spread: each worker gets a room.
      const calls = new Map<DeployedWorker, Caller[]>(workers.map((worker) => [worker, []]));
      for (let room = 0; room < MOST_ROOMS; room++) {
        const caller = await Caller.join(server());
        await caller.meetAgent();
        for (const [worker, callers] of calls)
          if ((await worker.jobs()) > callers.length) callers.push(caller);
        if ([...calls.values()].every(({ length }) => length > 0)) break;
      }
      const [drained, killed] = workers as [DeployedWorker, DeployedWorker];
      const [itsOwn, lost] = [calls.get(drained) ?? [], calls.get(killed) ?? []];
      expect(itsOwn).not.toEqual([]);
      expect(lost).not.toEqual([]);

      // Drained: it takes no more, and its rooms are not affected.
      const jobs = await drained.jobs();
      drained.child.signal('SIGTERM');
      const late = [await Caller.join(server()), await Caller.join(server())];
      for (const caller of late) await caller.meetAgent();
      expect(await drained.jobs()).toBe(jobs);
      lost.push(...late);
      expect(await killed.jobs()).toBe(lost.length);
      for (const caller of itsOwn) expect(await caller.ask()).toBe(WITHOUT_CAMERA);
      for (const caller of itsOwn) await caller.leave();
      const { code } = await within('end of the drained worker', drained.child.ended, END_LIMIT_MS);
      expect(code).toBe(143);
      await drained.child.groupIsGone();

      // Killed with all its processes, as if its machine ended: another worker takes its rooms
      // over.
      const before = await Promise.all(lost.map((caller) => caller.meetAgent()));
      const heir = await DeployedWorker.start(server(), READER);
      await killed.child.kill();
      await Promise.all(lost.map((caller, index) => caller.loseAgent(before[index] ?? '')));
      const sweep = sweepsOf(server());
      const sent = new Set<string>();
      await until('an agent sent to each room', async () => {
        for (const name of await sweep()) sent.add(name);
        return lost.every(({ name }) => sent.has(name));
      });
      for (const caller of lost) {
        expect(before).not.toContain(await caller.meetAgent());
        expect(await caller.ask()).toBe(WITHOUT_CAMERA);
      }
      expect(await heir.jobs()).toBe(lost.length);
      expect(await sweep(), 'a room that has its agent gets no second one').toEqual([]);
    },
    SLOW,
  );
});

/** A room without an agent gets one at the second sweep, and then no other. */
function sweepsOf({ url, apiKey, apiSecret }: LiveKitServer): () => Promise<string[]> {
  const access = [url.replace('ws', 'http'), apiKey, apiSecret] as const;
  let time = 0;
  const redispatcher = new Redispatcher({
    rooms: new RoomServiceClient(...access),
    dispatches: new AgentDispatchClient(...access),
    graceMs: 1,
    now: () => time,
  });
  return async () => {
    const sent = await redispatcher.sweep();
    time = 1;
    return sent;
  };
}
