import { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Unconfirmed } from '../../src/avatar/playback.ts';
import { LINGER_MS } from '../../src/avatar/speech-output.ts';
import { StableAudioOutput } from '../../src/avatar/stable-audio-output.ts';
import { HandOutput, SAMPLE_RATE, speak } from '../support/avatar/speech.ts';

const limits = { finishSlackMs: 2000, clearTimeoutMs: 500, playbackStartTimeoutMs: 4000 };

let audio: StableAudioOutput;
let avatar: HandOutput;
let voice: HandOutput;
let unconfirmed: Unconfirmed[];
let faults: string[];
/** The reports to the session, each as `started` or `finished POSITION interrupted`. */
let told: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  unconfirmed = [];
  faults = [];
  told = [];
  avatar = new HandOutput('avatar');
  voice = new HandOutput('voice');
  audio = new StableAudioOutput({
    ...limits,
    sampleRate: SAMPLE_RATE,
    onUnconfirmed: (what) => unconfirmed.push(what),
    onFault: ({ reason }) => faults.push(reason),
  });
  audio.on('playbackStarted', () => told.push('started'));
  audio.on('playbackFinished', ({ playbackPosition, interrupted }) =>
    told.push(`finished ${playbackPosition.toFixed(2)}${interrupted ? ' interrupted' : ''}`),
  );
});
afterEach(() => vi.useRealTimers());

const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const frames = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('speech', () => {
  test('speech goes to the current output, and its end is reported', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    expect(avatar.heard).toEqual([...frames(1, 50), '|']);
    avatar.starts();
    await elapse(1000);
    avatar.finishes(1);
    await expect(audio.waitForPlayout()).resolves.toMatchObject({ playbackPosition: 1 });
    expect(told).toEqual(['started', 'finished 1.00']);
    expect(unconfirmed).toEqual([]);
  });

  test('speech that was played leaves no listener at its output', async () => {
    const listeners = () => avatar.eventNames().map((name) => [name, avatar.listenerCount(name)]);
    const before = listeners();
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    avatar.starts();
    await elapse(100);
    avatar.finishes(0.1);
    await audio.waitForPlayout();
    expect(listeners()).toEqual(before);
  });

  test('speech waits for an output, and nothing of it is lost', async () => {
    await speak(audio, 1, 5);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([...frames(1, 5), '|']);
  });

  test('speech of the next segment waits until the current one is played', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    await speak(audio, 11, 15);
    expect(avatar.heard).toEqual([...frames(1, 5), '|']);
    avatar.starts();
    await elapse(100);
    avatar.finishes(0.1);
    await elapse(0);
    expect(avatar.heard.slice(6)).toEqual([...frames(11, 15), '|']);
  });

  test('speech waits for an output that is shown at the next segment', async () => {
    await speak(audio, 1, 5);
    audio.swapAtNextSegment(voice, () => {});
    await elapse(0);
    expect(voice.heard).toEqual([...frames(1, 5), '|']);
  });

  test('speech can be paused if the current output can', () => {
    const calls: string[] = [];
    for (const output of [voice, avatar])
      for (const call of ['pause', 'resume'] as const)
        vi.spyOn(output, call).mockImplementation(() => calls.push(`${output.kind} ${call}`));
    audio.swapNow(voice);
    expect(audio.canPause).toBe(true);
    audio.pause();
    audio.resume();
    audio.swapNow(avatar);
    expect(audio.canPause).toBe(false);
    audio.pause();
    audio.resume();
    expect(calls).toEqual(['voice pause', 'voice resume']);
  });

  test('the progress of speech is reported as its output reports it', async () => {
    const progressed: number[] = [];
    audio.on('playbackProgressed', ({ offset }) => progressed.push(offset));
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    avatar.emit('playbackProgressed', { offset: 40 });
    expect(progressed).toEqual([40]);
  });
});

describe('an output that goes away', () => {
  test('an output that goes away during speech is replaced at the same word, and the end is reported once', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(400);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([...frames(21, 50), '|']);
    voice.starts();
    await elapse(600);
    voice.finishes(0.6);
    await elapse(0);
    expect(told).toEqual(['started', 'finished 1.00']);
    avatar.finishes(1);
    await elapse(5000);
    expect(told).toHaveLength(2);
  });

  test('an output that is replaced gets nothing that is said after it', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5, { flush: false });
    avatar.starts();
    await elapse(100);
    audio.swapNow(voice);
    await elapse(0);
    await speak(audio, 6, 10);
    expect(avatar.heard).toEqual(frames(1, 5));
    expect(voice.heard).toEqual([...frames(6, 10), '|']);
  });

  test('an output that is replaced drops the rest of the segment, so that it is not heard twice', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(400);
    expect(avatar.clears).toBe(0);
    audio.swapNow(voice);
    await elapse(0);
    expect([avatar.clears, voice.clears]).toEqual([1, 0]);
  });

  test('an output that was heard until a past time is replaced from that time on', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(500);
    audio.swapNow(voice, Date.now() - 300);
    await elapse(0);
    expect(voice.heard[0]).toBe(11);
  });

  test('an output that goes away before it began is replaced for the whole segment', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5, { flush: false });
    audio.swapNow(voice);
    await speak(audio, 6, 8);
    expect(voice.heard).toEqual([...frames(1, 8), '|']);
  });

  test('an output that hangs in a frame does not block the speaker', async () => {
    avatar.takes = false;
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    expect(avatar.heard).toEqual([1]);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([...frames(1, 5), '|']);
  });

  test('an output that goes away at the very end of a segment is not replaced for it', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    avatar.starts();
    await elapse(100);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([]);
    expect(told).toEqual(['started', 'finished 0.10']);
  });
});

describe('an output that refuses', () => {
  test('an output that refuses a frame during speech is a fault, and another one continues at the same word', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5, { flush: false });
    avatar.starts();
    await elapse(60);
    avatar.refuses = true;
    await speak(audio, 6, 10);
    await elapse(0);
    expect(faults).toEqual(['its audio output failed: the stream is gone']);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([...frames(4, 10), '|']);
  });

  test('a voice that refuses a frame ends the segment', async () => {
    audio.swapNow(voice);
    voice.refuses = true;
    await speak(audio, 1, 5);
    await elapse(0);
    expect(told).toEqual(['finished 0.00 interrupted']);
    expect(faults).toEqual(['its audio output failed: the stream is gone']);
  });

  test('a segment that a voice ended lets go of the speech that waits to be taken', async () => {
    audio.swapNow(voice);
    voice.refuses = true;
    const samples = SAMPLE_RATE / 50;
    const frame = new AudioFrame(new Int16Array(samples), SAMPLE_RATE, 1, samples);
    const taken = vi.fn();
    void audio.captureFrame(frame).then(taken);
    void audio.captureFrame(frame).then(taken);
    await elapse(0);
    expect(taken).toHaveBeenCalledTimes(2);
  });
});

describe('an output that comes back', () => {
  test('an output that comes back gets the next segment, not the rest of the current one', async () => {
    audio.swapNow(voice);
    await speak(audio, 1, 5);
    const onSwapped = vi.fn();
    audio.swapAtNextSegment(avatar, onSwapped);
    voice.starts();
    await speak(audio, 11, 15);
    expect(onSwapped).not.toHaveBeenCalled();
    await elapse(100);
    voice.finishes(0.1);
    await elapse(0);
    expect(onSwapped).toHaveBeenCalledOnce();
    expect(voice.heard).toEqual([...frames(1, 5), '|']);
    expect(avatar.heard).toEqual([...frames(11, 15), '|']);
  });

  test('an output that comes back and goes before its turn gets nothing', async () => {
    audio.swapNow(voice);
    await speak(audio, 1, 5);
    audio.swapAtNextSegment(avatar, () => {});
    audio.swapNow(voice);
    voice.starts();
    await elapse(100);
    voice.finishes(0.1);
    await speak(audio, 11, 15);
    expect(avatar.heard).toEqual([]);
    expect(voice.heard).toEqual([...frames(1, 5), '|', ...frames(11, 15), '|']);
  });

  test('the voice begins only after the last sounds of an avatar were heard, unless it is interrupted', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5);
    avatar.starts();
    await elapse(100);
    audio.swapAtNextSegment(voice, () => {});
    avatar.finishes(0.1);
    await speak(audio, 6, 10);
    await elapse(LINGER_MS - 1);
    expect(voice.heard).toEqual([]);
    await elapse(1);
    await speak(audio, 0, -1, { flush: false });
    expect(voice.heard).toEqual([...frames(6, 10), '|']);
    voice.finishes(0.1);

    audio.swapNow(avatar);
    await speak(audio, 11, 15);
    avatar.starts();
    avatar.finishes(0.1);
    audio.swapNow(voice);
    await speak(audio, 16, 20);
    audio.clearBuffer();
    await elapse(0);
    expect(voice.heard).toEqual([...frames(6, 10), '|']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an output that comes back during silence is used at once', async () => {
    audio.swapNow(voice);
    await speak(audio, 1, 5);
    voice.starts();
    voice.finishes(0.1);
    await elapse(0);
    audio.swapAtNextSegment(avatar, () => {});
    expect(audio.kind).toBe('avatar');
  });

  test('an output that comes back is announced once, and not again at each segment', async () => {
    const swapped = vi.fn();
    audio.swapNow(voice);
    audio.swapAtNextSegment(avatar, swapped);
    for (const first of [1, 11]) {
      await speak(audio, first, first + 4);
      avatar.starts();
      await elapse(100);
      avatar.finishes(0.1);
      await elapse(0);
    }
    expect(swapped).toHaveBeenCalledOnce();
  });
});

describe('reports of an avatar', () => {
  test('a segment ends by the length of the audio if the avatar does not report its end', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(1000 + limits.finishSlackMs - 1);
    expect(told).toEqual(['started']);
    await elapse(1);
    expect(told).toEqual(['started', 'finished 1.00']);
    expect(unconfirmed).toEqual(['finish']);
  });

  test('a segment is replayed from its first word by another output if the avatar reports nothing', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    await elapse(1000 + limits.finishSlackMs);
    expect(told).toEqual([]);
    expect(faults).toEqual(['it did not begin to speak']);
    audio.swapNow(voice);
    await elapse(0);
    expect(voice.heard).toEqual([...frames(1, 50), '|']);
  });

  test('a long segment moves to another output before its end if the avatar reports no start', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 400);
    await elapse(limits.playbackStartTimeoutMs - 1);
    expect(faults).toEqual([]);
    await elapse(1);
    expect(faults).toEqual(['it did not begin to speak']);
  });

  test('a segment ends even if the avatar reports nothing and no other output takes over', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    await elapse(2 * (1000 + limits.finishSlackMs));
    expect(told).toEqual(['finished 1.00']);
    expect(faults).toHaveLength(1);
  });

  test.each([false, true])(
    'an end that the avatar reports too soon is not accepted (interrupted: %s)',
    async (cut) => {
      audio.swapNow(avatar);
      await speak(audio, 1, 50);
      avatar.starts();
      await elapse(100);
      avatar.finishes(0.1, cut);
      await elapse(899);
      expect(told).toEqual(['started']);
      await elapse(1);
      expect(told).toEqual(['started', 'finished 1.00']);
      expect(unconfirmed).toEqual(['early-finish']);
    },
  );

  test('an end that the avatar reports before all speech is pushed is not accepted', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5, { flush: false });
    avatar.starts();
    await elapse(100);
    avatar.finishes(0.1);
    await speak(audio, 6, 10);
    expect(avatar.heard).toEqual([...frames(1, 10), '|']);
    expect(told).toEqual(['started']);
    await elapse(100 + limits.finishSlackMs);
    expect(told).toEqual(['started', 'finished 0.20']);
  });
});

describe('an interruption', () => {
  test('an interruption is passed on, and ends when the avatar confirms it', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(300);
    audio.clearBuffer();
    await elapse(0);
    expect(avatar.clears).toBe(1);
    avatar.finishes(0.3, true);
    await elapse(0);
    expect(told).toEqual(['started', 'finished 0.30 interrupted']);
  });

  test('an interruption without a confirmation ends with what was heard', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    avatar.starts();
    await elapse(300);
    audio.clearBuffer();
    await elapse(limits.clearTimeoutMs);
    expect(told).toEqual(['started', 'finished 0.30 interrupted']);
    expect(unconfirmed).toEqual(['clear']);
  });

  test('an interruption during a sentence drops the rest of it, and the next segment is heard', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 5, { flush: false });
    avatar.starts();
    audio.clearBuffer();
    avatar.finishes(0.1, true);
    await elapse(0);
    await speak(audio, 11, 12);
    expect(avatar.heard).toEqual([...frames(1, 5), 11, 12, '|']);
  });

  test('an interruption without an output ends at once', async () => {
    await speak(audio, 1, 5);
    audio.clearBuffer();
    await elapse(0);
    expect(told).toEqual(['finished 0.00 interrupted']);
  });

  test('an interruption ends all waiting segments', async () => {
    audio.swapNow(avatar);
    await speak(audio, 1, 50);
    await speak(audio, 61, 65);
    avatar.starts();
    audio.clearBuffer();
    avatar.finishes(0, true);
    await elapse(limits.clearTimeoutMs);
    expect(told).toEqual(['started', 'finished 0.00 interrupted', 'finished 0.00 interrupted']);
    expect(avatar.heard).toEqual([...frames(1, 50), '|']);
  });
});
