import { voice } from '@livekit/agents';
import { ParticipantKind, RoomEvent } from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AvatarFaults } from '../../../src/testing/avatar/avatar-faults.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { until } from '../../../src/testing/waits.ts';
import { inWord, stageWith } from '../../support/avatar/loopback-avatar.ts';
import { endStages } from '../../support/avatar/stage.ts';

afterEach(endStages);

describe('a TestAvatar in a loopback room', () => {
  test('a TestAvatar says all speech of the agent once and in order', async () => {
    const { stage } = await stageWith();
    expect(stage.told).toEqual(['shown']);
    expect(await stage.voices(1000)).toEqual([FACE]);
    expect(stage.ears.steps).toEqual(stairSteps(1000));
    const words = () => stage.words.map(({ text }) => text).join('');
    await until('the words of the speech', () => words() === 'A stair.');
  });

  test('a TestAvatar is silent after an interruption, and says the next answer whole', async () => {
    const { stage } = await stageWith();
    const { speech } = await inWord(stage, 8000);
    speech.interrupt();
    await speech.waitForPlayout();
    await stage.quiet();
    const { length } = stage.ears.steps;
    expect(length).toBeLessThan(stairSteps(8000).length);
    expect(await stage.voices(1000)).toEqual([FACE]);
    expect(stage.ears.steps.slice(length)).toEqual(stairSteps(1000));
  });

  test('a TestAvatar that is ended while it joins has left the room', async () => {
    const room = new LoopbackRoom({ speech: true });
    const avatar = new TestAvatar(room);
    const joined = new Promise<void>((resolve) => {
      room.asRoom().once(RoomEvent.ParticipantConnected, () => resolve());
    });
    await avatar.start(new voice.AgentSession({ vad: null }), room.asRoom());
    await joined;
    await avatar.end();
    expect([...room.remoteParticipants.keys()]).toEqual([]);
    expect(avatar.errors).toEqual([]);
    await room.disconnect();
  });
});

describe('what a provider does instead of sending a TestAvatar', () => {
  const rooms: LoopbackRoom[] = [];
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
  });

  /** An avatar with these faults in a room of its own, and its starts. */
  function provided(faults: AvatarFaults) {
    const room = new LoopbackRoom({ speech: true, identity: 'robot' });
    rooms.push(room);
    const joins = vi.spyOn(room, 'joinAs');
    const avatar = new TestAvatar(room, faults);
    const session = new voice.AgentSession({ vad: null });
    return { room, joins, avatar, session, start: () => avatar.start(session, room.asRoom()) };
  }

  test('a start is refused as often as it was said, and each start and stop is counted', async () => {
    const refuses = { times: 2, message: 'HTTP 503' };
    const { avatar, session, start, joins } = provided({ refuses, joinsAfter: null });
    await expect(start()).rejects.toThrow('HTTP 503');
    await expect(start()).rejects.toThrow('HTTP 503');
    expect(session.output.audio).toBeNull();
    await start();
    expect(session.output.audio).toBeInstanceOf(voice.DataStreamAudioOutput);
    await avatar.aclose();
    expect([avatar.starts, avatar.stops, avatar.running]).toEqual([3, 1, 2]);
    await avatar.end();
    expect(joins).not.toHaveBeenCalled();
  });

  test('an answer of the provider that is late comes after that time', async () => {
    const { start } = provided({ startsAfter: 30, joinsAfter: null });
    let isStarted = false;
    const started = start().then(() => {
      isStarted = true;
    });
    await new Promise(setImmediate);
    expect(isStarted).toBe(false);
    await started;
  });

  test('an avatar that is stopped before it joins does not join', async () => {
    const { avatar, start, joins } = provided({ joinsAfter: 20 });
    await start();
    await avatar.aclose();
    await avatar.end();
    expect(joins).not.toHaveBeenCalled();
    expect(avatar.errors).toEqual([]);
  });

  test('an avatar joins on behalf of its agent, and a join that fails is kept as an error', async () => {
    const { avatar, start, joins } = provided({});
    const error = new Error('the room is full');
    joins.mockRejectedValue(error);
    await start();
    await vi.waitFor(() => expect(avatar.errors).toEqual([error]));
    expect(joins).toHaveBeenCalledWith(FACE, {
      ...{ kind: ParticipantKind.AGENT, attributes: { 'lk.publish_on_behalf': 'robot' } },
    });
  });

  test('an avatar that dies is missed by its room after the time that the test gives', async () => {
    const { avatar, room } = provided({});
    const kill = vi.spyOn(room, 'kill').mockImplementation(() => {});
    await avatar.die(50);
    expect(kill).toHaveBeenCalledWith(FACE, 50);
    const elsewhere = new TestAvatar({ server: {} as LiveKitServer, room: 'r' });
    await expect(elsewhere.die()).rejects.toMatchObject({ code: 'testing-participant' });
  });
});
