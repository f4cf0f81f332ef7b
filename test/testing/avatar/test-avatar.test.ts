import { voice } from '@livekit/agents';
import { RoomEvent } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
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
