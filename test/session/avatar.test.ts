import { voice } from '@livekit/agents';
import { afterEach, expect, test, vi } from 'vitest';
import { type AnyActorLogic, createActor, toPromise } from 'xstate';
import type { AvatarOption } from '../../src/avatar/avatar-session.ts';
import type { Speaker } from '../../src/avatar/speaker.ts';
import { OptionError } from '../../src/errors.ts';
import { SESSION_LIMITS } from '../../src/limits.ts';
import { avatarActors, makeSpeaker } from '../../src/session/avatar.ts';
import type { VideoSessionOptions } from '../../src/session/options.ts';
import type { SessionReporter } from '../../src/session/reporter.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until } from '../../src/testing/waits.ts';
import { speak } from '../support/avatar/speech.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, setStage } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** An avatar that gets its speech as a data stream. */
const streamed = {
  start: async (session: voice.AgentSession) => {
    const room = new LoopbackRoom({ speech: true }).asRoom();
    const output = { room, destinationIdentity: 'face' };
    session.output.audio = new voice.DataStreamAudioOutput(output);
  },
};

/** What the session makes of the option, and its errors. */
function made(avatar: AvatarOption | null | undefined, more: Partial<VideoSessionOptions> = {}) {
  const room = new LoopbackRoom({ speech: true });
  const options = resolveOptions({ room, ...more, ...(avatar !== undefined && { avatar }) });
  const error = vi.fn();
  const unconfirmed = vi.fn();
  const session = new voice.AgentSession({ vad: null });
  const reporter = { error, unconfirmed } as unknown as SessionReporter;
  return { speaker: makeSpeaker(session, options, reporter), options, error, unconfirmed };
}

test('a session has a speaker for an avatar, also for one that may come later', () => {
  expect(made({ start: async () => {} }).speaker).toBeDefined();
  expect(made(null).speaker).toBeDefined();
  const { speaker, options } = made(undefined);
  expect(speaker).toBeUndefined();
  expect(avatarActors(speaker, options)).toEqual({});
});

test('the limits of an avatar are those of the options', () => {
  const avatarLimits = { silentAfterMs: 700, finishSlackMs: 800, clearTimeoutMs: 900 };
  expect(made(null, { avatarLimits }).speaker?.limits).toMatchObject({
    ...avatarLimits,
    stopTimeoutMs: SESSION_LIMITS.avatar.stopTimeoutMs,
  });
});

test('an avatar whose end fails is reported as an error of the avatar', async () => {
  const fault = new Error('still billed');
  const { speaker, error } = made({
    ...streamed,
    aclose: async () => {
      throw fault;
    },
  });
  await speaker?.start();
  await speaker?.close();
  expect(error.mock.calls).toEqual([['avatar', fault]]);
});

test('an interruption that an avatar does not confirm is reported', async () => {
  const avatarLimits = { clearTimeoutMs: 1 };
  const { speaker, unconfirmed } = made(streamed, { avatarLimits });
  await speaker?.start();
  speaker?.report({ type: 'avatar.shown' });
  if (speaker) await speak(speaker.audio, 1, 3);
  speaker?.audio.clearBuffer();
  await until('the report', () => unconfirmed.mock.calls.length > 0);
  expect(unconfirmed.mock.calls).toEqual([['clear']]);
  await speaker?.close();
});

test("the machine of an avatar starts it, stops it and waits for its speech's end", async () => {
  const speaker = { start: vi.fn(), stop: vi.fn(), speechEnd: vi.fn() };
  const { options } = made(null);
  const { avatar } = avatarActors(speaker as unknown as Speaker, options);
  const { startAvatar, stopAvatar, speechEnd } = avatar?.implementations.actors ?? {};
  for (const logic of [startAvatar, stopAvatar, speechEnd])
    await toPromise(createActor(logic as AnyActorLogic).start());
  for (const call of Object.values(speaker)) expect(call).toHaveBeenCalledOnce();
});

test('setAvatar starts an avatar during the session, and setAvatar(null) ends it for good', async () => {
  const room = new LoopbackRoom({ speech: true });
  const stage = setStage(camera, { room, video: { avatar: null } });
  const { video } = stage;
  await stage.start();
  const presence = () => {
    const { avatar } = video.actor.getSnapshot().children;
    const state = avatar?.getSnapshot() as { value: { presence: unknown } } | undefined;
    return JSON.stringify(state?.value.presence);
  };
  expect(() => video.setAvatar('face' as never)).toThrow(OptionError);
  expect(presence()).toBe('"absent"');
  video.setAvatar(streamed);
  await until('the avatar started', () => presence().includes('joining'));
  video.setAvatar(null);
  await until('the avatar ended', () => !/dismissed|voiceOnly/.test(presence()));
  expect(presence()).toBe('"absent"');
});
