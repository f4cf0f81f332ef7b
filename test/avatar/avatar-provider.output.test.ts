import { AsyncLocalStorage } from 'node:async_hooks';
import { voice } from '@livekit/agents';
import { AudioFrame, Room } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AvatarProvider } from '../../src/avatar/avatar-provider.ts';
import type { AvatarSessionLike } from '../../src/avatar/avatar-session.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { HandOutput } from '../support/avatar/speech.ts';

/** An output that records what is done with it. */
class LoggedOutput extends HandOutput {
  override clearBuffer(): void {
    this.heard.push('|');
    log.push('cleared');
  }

  override flush(): void {
    super.flush();
    log.push('flushed');
  }
}

const session = new voice.AgentSession({ vad: null });
let log: string[];
beforeEach(() => {
  log = [];
});

afterEach(() => vi.useRealTimers());

/** Ends when the promises that are due have settled. */
const settle = () => new Promise(setImmediate);

function stage(avatar: Partial<AvatarSessionLike> = {}, room = new Room()) {
  const output = new LoggedOutput('avatar');
  const started: AvatarSessionLike = {
    avatarIdentity: 'face',
    start: async (given: voice.AgentSession) => {
      given.output.audio = output;
    },
    aclose: async () => void log.push('closed'),
    ...avatar,
  };
  const provider = new AvatarProvider(started, {
    ...{ session, room, limits: { startTimeoutMs: 60_000, clearTimeoutMs: 100 } },
    onError: (error) => log.push(`error: ${(error as Error).message}`),
    onExit: (reason) => log.push(`exit: ${reason}`),
  });
  return { provider, output };
}

/** The start of an avatar whose plugin sends its speech as a stream. */
const streamingTo =
  (destinationIdentity: string, more: { sampleRate?: number; waitPlaybackStart?: boolean } = {}) =>
  async (session: voice.AgentSession, room: Room) => {
    session.output.audio = new voice.DataStreamAudioOutput({ room, destinationIdentity, ...more });
  };

test('an interruption of an output that is not a stream drops its speech, ends the segment, and is not acknowledged', async () => {
  const { provider, output } = stage();
  expect([provider.output, provider.identity]).toEqual([undefined, undefined]);
  await provider.start();
  expect(provider.output).toMatchObject({
    ...{ kind: 'avatar', output, reportsStart: true, reportsEnd: true },
  });
  expect(provider.identity).toBe('face');
  expect(await provider.output?.clear()).toBe(false);
  expect(log).toEqual(['cleared', 'flushed']);
});

test.each([true, false])(
  'a stream output is replaced by one that reports its start: %s',
  async (waitPlaybackStart) => {
    const room = new LoopbackRoom({ speech: true });
    const { provider } = stage(
      {
        avatarIdentity: 'unknown',
        start: streamingTo('sent-to', { sampleRate: 16_000, waitPlaybackStart }),
      },
      room.asRoom(),
    );
    await provider.start();
    expect(provider.output?.output).not.toBeInstanceOf(voice.DataStreamAudioOutput);
    expect(provider.output?.output.sampleRate).toBe(16_000);
    expect(provider.output?.reportsStart).toBe(waitPlaybackStart);
    // The plugin set no identity, so that of the stream counts.
    expect(provider.identity).toBe('sent-to');
    await provider.stop();
    await room.disconnect();
  },
);

test('an avatar is stopped once for each start, and its output is gone', async () => {
  const { provider } = stage();
  await provider.stop();
  expect(log).toEqual([]);
  await provider.start();
  const stopped = provider.stop();
  expect(provider.output).toBeUndefined();
  expect(provider.stop()).toBe(stopped);
  await stopped;
  await provider.stop();
  expect(log).toEqual(['closed']);
  await provider.start();
  expect(provider.output).toBeDefined();
  await provider.stop();
  expect(log).toEqual(['closed', 'closed']);
});

test('an avatar that fails to stop rejects that stop, and the next start is not affected', async () => {
  const { provider } = stage({
    aclose: async () => {
      throw new Error('HTTP 500');
    },
  });
  await provider.start();
  await expect(provider.stop()).rejects.toThrow('HTTP 500');
  await provider.start();
  expect(provider.output).toBeDefined();
  await provider.stop().catch(() => {});
});

test('a late start that cannot be stopped is reported', async () => {
  const starting = deferred<void>();
  let closes = 0;
  const { provider } = stage({
    start: async (given: voice.AgentSession) => {
      await starting.promise;
      given.output.audio = new voice.QueueAudioOutput();
    },
    aclose: async () => {
      closes += 1;
      if (closes === 2) throw new Error('HTTP 500');
    },
  });
  const started = provider.start().catch((error: Error) => error.message);
  await settle();
  await provider.stop();
  starting.resolve();
  expect(await started).toBe('the avatar was stopped before it had started');
  await settle();
  expect([closes, log]).toEqual([2, ['error: HTTP 500']]);
});

test('a start waits until the avatar before is stopped completely', async () => {
  const stopping = deferred<void>();
  const { provider } = stage({ aclose: () => stopping.promise });
  await provider.start();
  void provider.stop();
  const start = vi.fn(async (given: voice.AgentSession) => {
    given.output.audio = new voice.QueueAudioOutput();
  });
  provider.avatar = () => ({ start });
  const started = provider.start();
  await settle();
  expect(start).not.toHaveBeenCalled();
  stopping.resolve();
  await started;
  expect(start).toHaveBeenCalledOnce();
  await provider.stop();
});

test('a failed stop is not reported again by the stop of an attempt that was not asked for yet', async () => {
  const { provider } = stage({
    aclose: async () => {
      throw new Error('HTTP 500');
    },
  });
  await provider.start();
  await expect(provider.stop()).rejects.toThrow('HTTP 500');
  const started = provider.start().catch((error: Error) => error.message);
  await provider.stop();
  expect(await started).toBe('the avatar was stopped before it had started');
});

test('an avatar without a method to stop it is stopped without an error', async () => {
  const { provider } = stage({ aclose: undefined as never });
  await provider.start();
  await provider.stop();
  expect(provider.output).toBeUndefined();
});

test('the exit of an avatar is reported until it is stopped, and leaves no listener', async () => {
  const listeners = new Set<(exit?: { expected?: boolean }) => void>();
  const events = {
    on: (event: string, listener: () => void) => event === 'exit' && listeners.add(listener),
    off: (event: string, listener: () => void) => event === 'exit' && listeners.delete(listener),
  };
  const { provider } = stage(events as object);
  await provider.start();
  for (const hear of listeners) hear({ expected: true });
  for (const hear of listeners) hear();
  expect(log).toEqual(['exit: its process ended']);
  await provider.stop();
  expect(listeners.size).toBe(0);
});

test('plugins are started and stopped in the async context in which the provider was created', async () => {
  const job = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { provider } = job.run('job', () =>
    stage({
      start: async (given: voice.AgentSession) => {
        seen.push(job.getStore());
        given.output.audio = new voice.QueueAudioOutput();
      },
      aclose: async () => void seen.push(job.getStore()),
    }),
  );
  await provider.start();
  await provider.stop();
  expect(seen).toEqual(['job', 'job']);
});

test('an unanswered start delays the next one by half of the time of a start', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const start = vi.fn(() => new Promise<void>(() => {}));
  const { provider } = stage();
  provider.avatar = () => ({ start });
  void provider.start().catch(() => {});
  await settle();
  await provider.stop();
  void provider.start().catch(() => {});
  await vi.advanceTimersByTimeAsync(29_999);
  expect(start).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(1);
  expect(start).toHaveBeenCalledTimes(2);
  await provider.stop();
});

test('an unanswered start of the same object is waited for, however long it takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const start = vi.fn(() => new Promise<void>(() => {}));
  const { provider } = stage({ start });
  void provider.start().catch(() => {});
  await settle();
  await provider.stop();
  void provider.start().catch(() => {});
  await vi.advanceTimersByTimeAsync(120_000);
  expect(start).toHaveBeenCalledOnce();
  await provider.stop();
});

test('a stream output has the time limit of an interruption, and reports one that is refused', async () => {
  const room = new LoopbackRoom({ speech: true });
  const { provider } = stage({ start: streamingTo('face') }, room.asRoom());
  await provider.start();
  const asked = vi
    .spyOn(room.localParticipant, 'performRpc')
    .mockRejectedValue(new Error('the avatar is busy'));
  vi.spyOn(room.localParticipant, 'streamBytes').mockResolvedValue({
    ...{ write: async () => {}, close: async () => {} },
  } as never);
  const speech = provider.output;
  await speech?.output.captureFrame(new AudioFrame(new Int16Array(240), 24_000, 1, 240));
  expect(await speech?.clear()).toBe(false);
  expect(asked.mock.calls[0]?.[0]).toMatchObject({ responseTimeout: 100 });
  expect(log).toEqual(['error: the avatar is busy']);
  await provider.stop();
  await room.disconnect();
});
