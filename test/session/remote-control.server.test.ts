import { type Room, RoomEvent, RpcError, SimulateScenarioKind } from '@livekit/rtc-node';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { OptionError, type VideoSessionOptions } from '../../src/index.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { AGENT } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { joinRoom } from '../../src/testing/rooms.ts';
import { untilEvent } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { closeRooms, type Eyes, type Person, RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;

afterEach(closeRooms, SLOW);

test('remote control is participant or none, and needs a real room', () => {
  const room = new LoopbackRoom();
  const options = (control: unknown) => ({ room, control }) as VideoSessionOptions;
  expect(resolveOptions({ room }).control).toBe('none');
  expect(() => resolveOptions(options('everybody'))).toThrow(OptionError);
  expect(() => resolveOptions(options('participant'))).toThrow(/room/);
});

describeWithServer('who may switch an agent’s video', (server) => {
  /** A room with an agent that serves Ann. */
  async function meet(
    options: Omit<VideoSessionOptions, 'room'>,
  ): Promise<[RealRoom, Eyes, Person]> {
    const room = await RealRoom.withAgent(server());
    const eyes = await room.openEyes(options);
    const ann = await room.join('ann');
    await eyes.see(await ann.share('camera'));
    return [room, eyes, ann];
  }

  test(
    'the participant that the agent serves can switch its video, and everyone in the room sees the mode',
    async () => {
      const [room, eyes, ann] = await meet({ control: 'participant' });
      const bob = await joinRoom(server(), room.name, 'bob');
      await untilMode(bob, 'sampled');

      expect(await call(ann.room, '{"mode":"off"}')).toBe('{"mode":"off"}');
      await untilMode(bob, 'off');
      await expect(eyes.video.look()).rejects.toMatchObject({ reason: 'off' });
      expect(await ann.ask('What can you see?')).toBe('I see no picture');

      expect(await call(ann.room, '{ "mode": "onDemand" }')).toBe('{"mode":"onDemand"}');
      expect((await eyes.video.look()).identity).toBe('ann');

      // Changes by the application are published too; of changes in a row the last one counts.
      for (const mode of ['off', 'sampled', 'off', 'sampled'] as const) eyes.video.setMode(mode);
      await untilMode(bob, 'sampled');
      await eyes.close();
      await untilMode(bob, undefined);
      expect(await refusal(ann.room, '{"mode":"off"}')).toBe(RpcError.ErrorCode.UNSUPPORTED_METHOD);
      await bob.disconnect();
    },
    SLOW,
  );

  test(
    'other participants cannot switch the video, and invalid modes are refused',
    async () => {
      const [room, eyes, ann] = await meet({ control: 'participant' });
      const bob = await joinRoom(server(), room.name, 'bob');
      const other = await joinRoom(server(), room.name, 'other agent', { kind: 'agent' });
      for (const stranger of [bob, other])
        for (const payload of ['{"mode":"off"}', '{', 'x'.repeat(10_000)])
          expect(await refusal(stranger, payload)).toBe(403);

      for (const payload of [
        '',
        'off',
        '"off"',
        'null',
        '[]',
        '["mode"]',
        '{}',
        '{"mode":"OFF"}',
        '{"mode":["off"]}',
        '{"mode":null}',
        '{"mode":"off","force":true}',
        '{"__proto__":{"mode":"off"}}',
      ])
        expect([payload, await refusal(ann.room, payload)]).toEqual([payload, 400]);
      expect(await refusal(ann.room, `{"mode":"off"}${' '.repeat(60)}`)).toBe(413);
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (payload) => {
          expect([400, 413]).toContain(await refusal(ann.room, payload));
        }),
        { numRuns: 40 },
      );
      await untilMode(bob, 'sampled');
      expect((await eyes.video.look()).identity).toBe('ann');
      await Promise.all([bob.disconnect(), other.disconnect()]);
    },
    SLOW,
  );

  test(
    'remote control works after the agent reconnects, with the changes made meanwhile',
    async () => {
      const [room, eyes, ann] = await meet({ control: 'participant' });
      await untilMode(ann.room, 'sampled');
      room.agentRoom.once(RoomEvent.Reconnecting, () => eyes.video.setMode('onDemand'));
      await room.agentRoom.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
      await untilMode(ann.room, 'onDemand');
      expect(await call(ann.room, '{"mode":"off"}')).toBe('{"mode":"off"}');
      await untilMode(ann.room, 'off');
    },
    SLOW,
  );

  test(
    'a mode that could not be written is written again',
    async () => {
      const [room, eyes, ann] = await meet({ control: 'participant' });
      await untilMode(ann.room, 'sampled');
      const agent = room.agentRoom.localParticipant;
      if (!agent) throw new Error('the agent is not in the room');
      const failures: string[] = [];
      eyes.video.on('error', ({ cause }) => failures.push(cause));
      agent.setAttributes = async () => {
        // Once: the next write is the participant's own again.
        Reflect.deleteProperty(agent, 'setAttributes');
        throw new Error('the server is busy');
      };
      expect(await call(ann.room, '{"mode":"off"}')).toBe('{"mode":"off"}');
      await untilMode(ann.room, 'off');
      expect(failures).toEqual(['control']);
    },
    SLOW,
  );

  test(
    'no participant can switch the video unless the application allows it',
    async () => {
      const [, , ann] = await meet({});
      expect(await refusal(ann.room, '{"mode":"off"}')).toBe(RpcError.ErrorCode.UNSUPPORTED_METHOD);
      expect(ann.room.remoteParticipants.get(AGENT)?.attributes).not.toHaveProperty(
        'sightline.mode',
      );
    },
    SLOW,
  );
});

async function call(room: Room, payload: string): Promise<string | undefined> {
  return room.localParticipant?.performRpc({
    destinationIdentity: AGENT,
    method: 'sightline.mode',
    payload,
    responseTimeout: 10_000,
  });
}

/** The error code of the call. */
function refusal(room: Room, payload: string): Promise<unknown> {
  return call(room, payload).then(
    (reply) => `granted: ${reply}`,
    (error: unknown) => (error instanceof RpcError ? error.code : error),
  );
}

/** Waits until this participant has received the mode. */
function untilMode(room: Room, mode: string | undefined): Promise<void> {
  return untilEvent(
    `mode ${mode}`,
    room,
    [RoomEvent.ParticipantAttributesChanged, RoomEvent.ParticipantConnected],
    () => (room.remoteParticipants.get(AGENT)?.attributes['sightline.mode'] || undefined) === mode,
  );
}
