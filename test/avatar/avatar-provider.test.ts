import { voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { beforeEach, describe, expect, test } from 'vitest';
import { AvatarProvider } from '../../src/avatar/avatar-provider.ts';
import type { AvatarSessionLike } from '../../src/avatar/avatar-session.ts';
import { FACE } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until } from '../../src/testing/waits.ts';

/** An avatar whose provider answers when a test says so. */
class SlowAvatar implements AvatarSessionLike {
  readonly avatarIdentity = 'slow';
  readonly happened: string[];
  readonly #name: string;
  answer = (_refusal?: Error): void => {};

  constructor(name: string, happened: string[]) {
    this.#name = name;
    this.happened = happened;
  }

  async start(session: voice.AgentSession): Promise<void> {
    this.happened.push(`${this.#name} is asked`);
    await new Promise<void>((resolve, reject) => {
      this.answer = (refusal) => (refusal ? reject(refusal) : resolve());
    });
    session.output.audio = new voice.QueueAudioOutput();
  }

  async aclose(): Promise<void> {
    this.happened.push(`${this.#name} is ended`);
  }
}

const session = new voice.AgentSession({ vad: null });
let happened: string[];
beforeEach(() => {
  happened = [];
});

const providerOf = (
  avatar: AvatarSessionLike | (() => AvatarSessionLike),
  { startTimeoutMs = 60_000, room = new Room() } = {},
) =>
  new AvatarProvider(avatar, {
    ...{ session, room, limits: { startTimeoutMs, clearTimeoutMs: 100 } },
    onError: () => {},
    onExit: () => {},
  });
/** Runs everything that needs no time. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a start that is answered after its limit', () => {
  test('a late start of the same object ends before the next attempt begins, and does not end that one', async () => {
    const avatar = new SlowAvatar('it', happened);
    const provider = providerOf(avatar);
    const first = provider.start().catch(() => 'too late');
    await turns();
    await provider.stop();
    const answerFirst = avatar.answer;
    const second = provider.start();
    await turns();
    expect(happened).toEqual(['it is asked', 'it is ended']);
    answerFirst();
    expect(await first).toBe('too late');
    await turns();
    expect(happened).toEqual(['it is asked', 'it is ended', 'it is ended', 'it is asked']);
    avatar.answer();
    await second;
    await turns();
    expect(happened).toHaveLength(4);
    expect(provider.output).toBeDefined();
  });

  test('a late start that is refused lets the next attempt begin', async () => {
    const avatar = new SlowAvatar('it', happened);
    const provider = providerOf(avatar);
    const first = provider.start().catch((error: Error) => error.message);
    await turns();
    await provider.stop();
    const second = provider.start();
    await turns();
    avatar.answer(new Error('HTTP 503'));
    expect(await first).toBe('HTTP 503');
    await turns();
    avatar.answer();
    await second;
    expect(happened).toEqual(['it is asked', 'it is ended', 'it is asked']);
  });

  test('an unanswered start of another object delays the next attempt by half of its limit', async () => {
    const made: SlowAvatar[] = [];
    const provider = providerOf(
      () => {
        const avatar = new SlowAvatar(String(made.length + 1), happened);
        made.push(avatar);
        return avatar;
      },
      { startTimeoutMs: 100 },
    );
    const first = provider.start().catch(() => {});
    await turns();
    await provider.stop();
    const second = provider.start();
    await turns();
    expect(made).toHaveLength(1);
    await until('the second is asked', () => happened.includes('2 is asked'));
    made[1]?.answer();
    await second;
    made[0]?.answer();
    await first;
    await turns();
    expect(happened).toEqual(['1 is asked', '1 is ended', '2 is asked', '1 is ended']);
    expect(provider.output).toBeDefined();
  });
});

test('an attempt that is stopped while it waits for the one before does not call the provider', async () => {
  const avatar = new SlowAvatar('it', happened);
  const provider = providerOf(avatar);
  const first = provider.start().catch(() => {});
  await turns();
  await provider.stop();
  const second = provider.start().catch((error: Error) => error.message);
  await provider.stop();
  avatar.answer();
  expect(await second).toBe('the avatar was stopped before it had started');
  await first;
  expect(happened).toEqual(['it is asked', 'it is ended', 'it is ended']);
});

test('the output of an avatar that is stopped while it starts hears no more of it', async () => {
  const agent = new LoopbackRoom({ speech: true });
  const face = await agent.joinAs(FACE);
  let answer = () => {};
  const avatar: AvatarSessionLike = {
    avatarIdentity: FACE,
    start: async (given: voice.AgentSession, room: Room) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      const destinationIdentity = FACE;
      given.output.audio = new voice.DataStreamAudioOutput({ room, destinationIdentity });
    },
  };
  const report = () =>
    face.localParticipant.performRpc({
      destinationIdentity: agent.localParticipant.identity,
      method: 'lk.playback_started',
      payload: '',
    });
  const provider = providerOf(avatar, { room: agent.asRoom() });
  const first = provider.start();
  await turns();
  answer();
  await first;
  expect(await report()).toBe('ok');
  await provider.stop();
  expect(await report()).toBe('reject');
  const second = provider.start().catch((error: Error) => error.message);
  await turns();
  const stopped = provider.stop();
  answer();
  expect(await second).toBe('the avatar was stopped before it had started');
  await stopped;
  expect(await report()).toBe('reject');
  await Promise.all([face.disconnect(), agent.disconnect()]);
});
