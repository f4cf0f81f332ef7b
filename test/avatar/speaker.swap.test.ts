import { voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AvatarSessionLike } from '../../src/avatar/avatar-session.ts';
import { RoomVoice } from '../../src/avatar/room-voice.ts';
import { Speaker } from '../../src/avatar/speaker.ts';
import { LINGER_MS } from '../../src/avatar/speech-output.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { HandOutput, speak } from '../support/avatar/speech.ts';

const LIMITS = {
  ...{ startTimeoutMs: 4000, stopTimeoutMs: 3000, playbackStartTimeoutMs: 2000 },
  ...{ clearTimeoutMs: 500, finishSlackMs: 2000, silentAfterMs: 700 },
};

/** An avatar whose output a test controls. */
class HandAvatar implements AvatarSessionLike {
  readonly avatarIdentity: string;
  readonly output = new HandOutput('avatar');
  closes = 0;
  readonly #listeners = new Set<(exit?: { expected: boolean }) => void>();

  constructor(identity = 'face') {
    this.avatarIdentity = identity;
  }

  async start(session: voice.AgentSession): Promise<void> {
    session.output.audio = this.output;
  }

  async aclose(): Promise<void> {
    this.closes += 1;
  }

  on(_event: 'exit', listener: (exit?: { expected: boolean }) => void): void {
    this.#listeners.add(listener);
  }

  off(_event: 'exit', listener: (exit?: { expected: boolean }) => void): void {
    this.#listeners.delete(listener);
  }

  exits(expected: boolean): void {
    for (const listener of this.#listeners) listener({ expected });
  }
}

let avatar: HandAvatar;
let own: HandOutput;
let speaker: Speaker;
/** Faults, errors and what happened with the room, in order. */
let news: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  news = [];
  avatar = new HandAvatar();
  own = new HandOutput('voice');
  vi.spyOn(RoomVoice.prototype, 'open').mockImplementation(() => {
    news.push('the voice opens');
    return own;
  });
  vi.spyOn(RoomVoice.prototype, 'closeIn').mockImplementation((ms) => {
    news.push(`the voice closes in ${ms} ms`);
  });
  vi.spyOn(RoomVoice.prototype, 'close').mockImplementation(async () => {
    news.push('the voice closes');
  });
  speaker = new Speaker({
    ...{ session: new voice.AgentSession({ vad: null }), room: new Room(), avatar },
    limits: LIMITS,
    onUnconfirmed: (what) => news.push(`unconfirmed ${what}`),
    onError: (error) => news.push((error as Error).message),
  });
  speaker.onFault = ({ reason, heardUntil }) => news.push(`fault: ${reason}, ${heardUntil}`);
  speaker.onStop = () => news.push('a stop');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const frames = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** The own voice speaks, and then the avatar is shown. */
async function show(): Promise<void> {
  speaker.report({ type: 'avatar.away' });
  await speaker.start();
  speaker.report({ type: 'avatar.shown' });
  news.splice(0);
}

test('an avatar that is shown speaks from the next segment on, and the own voice leaves after its last sound', async () => {
  expect(speaker.audio.sampleRate).toBe(24_000);
  expect(speaker.limits).toEqual(LIMITS);
  speaker.report({ type: 'avatar.away' });
  await speaker.start();
  expect(speaker.identity).toBe('face');
  await speak(speaker.audio, 1, 5);
  speaker.report({ type: 'avatar.shown' });
  expect(news).toEqual(['the voice opens']);
  own.starts();
  await elapse(100);
  own.finishes(0.1);
  await speak(speaker.audio, 6, 10);
  expect([own.heard, avatar.output.heard]).toEqual([
    [...frames(1, 5), '|'],
    [...frames(6, 10), '|'],
  ]);
  expect(news).toEqual(['the voice opens', `the voice closes in ${LINGER_MS} ms`]);
});

test('an avatar that is lost is replaced from the last word that was heard of it', async () => {
  await show();
  await speak(speaker.audio, 1, 20);
  avatar.output.starts();
  await elapse(300);
  expect(speaker.playback?.kind).toBe('avatar');
  speaker.report({ type: 'avatar.lost', reason: 'it is silent', heardUntil: Date.now() - 200 });
  await elapse(0);
  expect(own.heard).toEqual([...frames(6, 20), '|']);
});

test('an avatar that is lost without a time is replaced at the current word', async () => {
  await show();
  await speak(speaker.audio, 1, 20);
  avatar.output.starts();
  await elapse(300);
  speaker.report({ type: 'avatar.lost', reason: 'it is silent', heardUntil: null });
  await elapse(0);
  expect(own.heard).toEqual([...frames(16, 20), '|']);
});

test('an avatar that is dismissed ends its segment, and the own voice speaks the next one', async () => {
  await show();
  await speak(speaker.audio, 1, 5);
  avatar.output.starts();
  speaker.report({ type: 'avatar.dismissed' });
  const ended = vi.fn();
  void speaker.speechEnd().then(ended);
  await elapse(100);
  avatar.output.finishes(0.1);
  await elapse(LINGER_MS - 1);
  expect(ended).not.toHaveBeenCalled();
  await elapse(1);
  expect(ended).toHaveBeenCalledOnce();
  await speak(speaker.audio, 6, 10);
  expect([avatar.output.heard, own.heard]).toEqual([
    [...frames(1, 5), '|'],
    [...frames(6, 10), '|'],
  ]);
});

test('speech that no avatar speaks has no end to wait for', async () => {
  await show();
  await speaker.speechEnd();
  expect(vi.getTimerCount()).toBe(0);
});

test('a stop is announced, gives the rest of the segment to the own voice, and ends the avatar', async () => {
  await show();
  await speak(speaker.audio, 1, 20);
  avatar.output.starts();
  await elapse(300);
  await speaker.stop();
  await elapse(0);
  expect(news).toEqual(['a stop', 'the voice opens']);
  expect(own.heard).toEqual([...frames(16, 20), '|']);
  expect(avatar.closes).toBe(1);
});

test('a stop before anything could speak publishes no voice', async () => {
  await speaker.start();
  await speaker.stop();
  expect(news).toEqual(['a stop']);
  expect(avatar.closes).toBe(1);
});

test('the exit of an avatar by itself is a fault, and one that was requested is none', async () => {
  await show();
  avatar.exits(true);
  expect(news).toEqual([]);
  avatar.exits(false);
  expect(news).toEqual(['fault: its process ended, null']);
  await speaker.stop();
  news.splice(0);
  avatar.exits(false);
  expect(news).toEqual([]);
});

test('an output that fails is a fault of the avatar, and an error of the own voice', async () => {
  await show();
  avatar.output.refuses = true;
  await speak(speaker.audio, 1, 1);
  expect(news).toEqual(['fault: its audio output failed: the stream is gone, null']);
  speaker.report({ type: 'avatar.lost', reason: 'it failed', heardUntil: null });
  await elapse(0);
  own.finishes(0.02);
  await elapse(0);
  news.splice(0);
  own.refuses = true;
  await speak(speaker.audio, 2, 2);
  await elapse(LINGER_MS);
  expect(news).toEqual(["the agent's own voice: its audio output failed: the stream is gone"]);
});

test('a start that is answered after its stop and cannot be stopped is an error', async () => {
  const answer = deferred<void>();
  speaker.avatar = {
    async start(session: voice.AgentSession) {
      await answer.promise;
      session.output.audio = new HandOutput('avatar');
    },
    aclose: vi.fn().mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('HTTP 500')),
  };
  void speaker.start().catch(() => {});
  await elapse(0);
  await speaker.stop();
  answer.resolve();
  await elapse(0);
  expect(news).toEqual(['a stop', 'HTTP 500']);
});

test('the next start uses the avatar that was set last', async () => {
  const next = new HandAvatar('next');
  await show();
  await speaker.stop();
  speaker.avatar = next;
  await speaker.start();
  expect(speaker.identity).toBe('next');
  speaker.avatar = null;
  await speaker.stop();
  await expect(speaker.start()).rejects.toThrow('no avatar is set');
});

test('a close ends the avatar and the voice, and reports an avatar that does not stop or fails to', async () => {
  await show();
  avatar.aclose = () => new Promise(() => {});
  const closed = vi.fn();
  void speaker.close().then(closed);
  await elapse(LIMITS.stopTimeoutMs - 1);
  expect(closed).not.toHaveBeenCalled();
  expect(news).toEqual(['the voice closes']);
  await elapse(1);
  expect(closed).toHaveBeenCalledOnce();
  expect(news.at(-1)).toBe('the avatar did not stop in time');

  const failing = new HandAvatar();
  speaker.avatar = failing;
  failing.aclose = async () => {
    throw new Error('HTTP 500');
  };
  const started = speaker.start();
  await elapse(LIMITS.startTimeoutMs);
  await started;
  await speaker.close();
  expect(news.at(-1)).toBe('HTTP 500');
});
