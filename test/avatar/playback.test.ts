import { AudioFrame, AudioResampler } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Playback } from '../../src/avatar/playback.ts';
import { SpeechSegment } from '../../src/avatar/speech-segment.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { HandOutput, SAMPLE_RATE } from '../support/avatar/speech.ts';

const LIMITS = { finishSlackMs: 2000, clearTimeoutMs: 500, playbackStartTimeoutMs: 4000 };
const LOUD = 10_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => vi.useRealTimers());

const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A segment of ten frames of 100 ms with these levels that plays on an output, from a position. */
async function stage({
  kind = 'avatar',
  level = LOUD,
  heardMs = 0,
  refuses = false,
  limits = LIMITS,
  prepare = (_output: HandOutput) => {},
} = {}) {
  const segment = new SpeechSegment();
  const samples = SAMPLE_RATE / 10;
  for (let n = 0; n < 10; n++)
    void segment.push(new AudioFrame(new Int16Array(samples).fill(level), SAMPLE_RATE, 1, samples));
  segment.complete();
  segment.heardMs = heardMs;
  const output = new HandOutput(kind as 'avatar' | 'voice');
  output.refuses = refuses;
  prepare(output);
  const news: string[] = [];
  const playback = new Playback(segment, output, limits, {
    onStarted: () => news.push('started'),
    onProgressed: ({ offset }) => news.push(`progressed ${offset}`),
    onUnconfirmed: (what) => news.push(`unconfirmed ${what}`),
    onFault: ({ reason }) => news.push(reason),
  });
  const result = playback.run();
  await elapse(0);
  return { segment, output, playback, news, result };
}

test('the end of a playback leaves no timer, however it ended', async () => {
  const played = await stage();
  played.output.starts();
  await elapse(1000);
  played.output.finishes(1);
  expect(await played.result).toMatchObject({ playbackPosition: 1, interrupted: false });

  const replaced = await stage();
  replaced.playback.replace(Date.now());
  expect(await replaced.result).toBe('replaced');

  const cleared = await stage();
  cleared.segment.clear();
  await elapse(0);
  cleared.output.finishes(0, true);
  expect(await cleared.result).toMatchObject({ playbackPosition: 0, interrupted: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('the position counts from where the previous output stopped, up to the length', async () => {
  const { playback, output, news } = await stage({ heardMs: 400 });
  const at = (ms: number) => playback.positionMs(Date.now() + ms);
  expect(at(100)).toBe(400);
  output.starts();
  expect([at(-100), at(100), at(600), at(5000)]).toEqual([400, 500, 1000, 1000]);
  output.emit('playbackProgressed', { offset: 50 });
  expect(news).toEqual(['started', 'progressed 450']);
});

test('the end that an output reports counts from there as well, and is at most the length', async () => {
  const { output, result } = await stage({ heardMs: 400 });
  output.starts();
  await elapse(600);
  output.finishes(99);
  expect(await result).toMatchObject({ playbackPosition: 1 });
  const part = await stage({ heardMs: 400, kind: 'voice' });
  part.output.finishes(0.25);
  expect(await part.result).toMatchObject({ playbackPosition: 0.65 });
  const broken = await stage({ heardMs: 400, kind: 'voice' });
  broken.output.finishes(Number.NaN);
  expect(await broken.result).toMatchObject({ playbackPosition: 0.4 });
});

test('a start that is reported twice counts once', async () => {
  const { playback, output, news } = await stage();
  output.starts();
  await elapse(300);
  output.emit('playbackStarted', { createdAt: Date.now() });
  expect(playback.positionMs(Date.now())).toBe(300);
  expect(news).toEqual(['started']);
});

test('speech should be heard once it was loud for that long, and silence never', async () => {
  const loud = await stage();
  expect(loud.playback.shouldBeHeard(200)).toBe(false);
  loud.output.starts();
  await elapse(199);
  expect(loud.playback.shouldBeHeard(200)).toBe(false);
  await elapse(1);
  expect(loud.playback.shouldBeHeard(200)).toBe(true);
  const silent = await stage({ level: 0 });
  silent.output.starts();
  await elapse(500);
  expect(silent.playback.shouldBeHeard(200)).toBe(false);
});

test('speech that an avatar takes over should be heard only once that avatar spoke for that long', async () => {
  const { output, playback } = await stage({ heardMs: 400 });
  output.starts();
  await elapse(199);
  expect(playback.shouldBeHeard(200)).toBe(false);
  await elapse(1);
  expect(playback.shouldBeHeard(200)).toBe(true);
});

test('the limit of the first sound is for an avatar, from its first frame to its start', async () => {
  const voice = await stage({ kind: 'voice' });
  const late = await stage();
  const started = await stage();
  started.output.starts();
  await elapse(LIMITS.playbackStartTimeoutMs);
  expect(late.news[0]).toBe('it did not begin to speak');
  expect(late.news.filter((one) => one === 'it did not begin to speak')).toHaveLength(1);
  expect([...voice.news, ...started.news]).not.toContain('it did not begin to speak');
});

test('an avatar that has begun may speak for longer than its first sound may take', async () => {
  const { output, news } = await stage({ limits: { ...LIMITS, playbackStartTimeoutMs: 500 } });
  output.starts();
  await elapse(900);
  expect(news).toEqual(['started']);
});

test('a segment without audio ends by itself', async () => {
  const segment = new SpeechSegment();
  const output = new HandOutput('avatar');
  const nothing = () => {};
  const playback = new Playback(segment, output, LIMITS, {
    ...{ onStarted: nothing, onProgressed: nothing },
    ...{ onUnconfirmed: nothing, onFault: nothing },
  });
  const result = playback.run();
  segment.complete();
  await elapse(0);
  expect(await result).toEqual({ playbackPosition: 0, interrupted: false });
  expect(output.heard).toEqual([]);
});

test('an interruption waits for the report of an avatar that reports, and for the acknowledgement of one that does not', async () => {
  const reporting = await stage();
  reporting.output.acknowledges = true;
  reporting.output.starts();
  reporting.segment.clear();
  await elapse(LIMITS.clearTimeoutMs - 1);
  expect(reporting.news).toEqual(['started']);
  await elapse(1);
  expect(await reporting.result).toMatchObject({ interrupted: true });
  expect(reporting.news).toEqual(['started', 'unconfirmed clear']);
  expect(reporting.output.reportsEnd).toBe(false);

  const silent = await stage();
  silent.output.acknowledges = true;
  silent.output.reportsEnd = false;
  silent.output.starts();
  await elapse(300);
  silent.segment.clear();
  await elapse(0);
  expect(await silent.result).toEqual({ playbackPosition: 0.3, interrupted: true });
  expect(silent.news).toEqual(['started', 'unconfirmed clear']);

  const lost = await stage();
  lost.output.reportsEnd = false;
  lost.output.starts();
  lost.segment.clear();
  await elapse(LIMITS.clearTimeoutMs - 1);
  expect(lost.news).toEqual(['started']);
  await elapse(1);
  expect(await lost.result).toMatchObject({ interrupted: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('an acknowledgement that comes after the limit of an interruption reports nothing again', async () => {
  const { output, segment, news, result } = await stage();
  const acknowledgement = deferred<boolean>();
  vi.spyOn(output, 'clear').mockReturnValue(acknowledgement.promise);
  output.reportsEnd = false;
  output.starts();
  segment.clear();
  await elapse(LIMITS.clearTimeoutMs);
  await result;
  output.reportsEnd = true;
  acknowledgement.resolve(true);
  await elapse(0);
  expect(news).toEqual(['started', 'unconfirmed clear']);
  expect(output.reportsEnd).toBe(true);
});

test('an output that fails during an interruption is no fault, and the interruption ends in its time', async () => {
  const failure = deferred<void>();
  const { segment, news, result } = await stage({
    prepare: (output) => {
      const capture = output.captureFrame.bind(output);
      vi.spyOn(output, 'captureFrame').mockImplementation(async (frame) => {
        await capture(frame);
        await failure.promise;
      });
    },
  });
  segment.clear();
  failure.reject(new Error('the stream is gone'));
  await elapse(LIMITS.clearTimeoutMs);
  expect(await result).toMatchObject({ interrupted: true });
  expect(news).toEqual(['unconfirmed clear']);
});

test('an end that came too soon leaves no limit for the report of the end', async () => {
  const { output, news, result } = await stage();
  output.starts();
  await elapse(200);
  output.finishes(0.2);
  await elapse(800);
  expect(await result).toEqual({ playbackPosition: 1, interrupted: false });
  expect(vi.getTimerCount()).toBe(0);
  expect(news).toEqual(['started', 'unconfirmed early-finish']);
});

test('an output that hangs in a resampled frame and is replaced leaves no resampler open', async () => {
  const closed = vi.spyOn(AudioResampler.prototype, 'close');
  const { output, playback, result } = await stage({
    prepare: (output) => {
      Object.assign(output, { sampleRate: SAMPLE_RATE / 2 });
      output.takes = false;
    },
  });
  expect(output.heard).toHaveLength(1);
  playback.replace(Date.now());
  expect(await result).toBe('replaced');
  await elapse(0);
  expect(closed).toHaveBeenCalledOnce();
  closed.mockRestore();
});

test('a missing report of the end makes an avatar one that does not report, until its next report', async () => {
  const { output, result } = await stage();
  output.starts();
  await elapse(1000 + LIMITS.finishSlackMs);
  expect(await result).toMatchObject({ interrupted: false });
  expect(output.reportsEnd).toBe(false);

  const next = await stage();
  next.output.reportsEnd = false;
  next.output.starts();
  await elapse(1000);
  next.output.finishes(1);
  await next.result;
  expect(next.output.reportsEnd).toBe(true);
});

test('a segment whose avatar fails ends after its length and the limit, if no other output takes over', async () => {
  const { news, result } = await stage({ refuses: true });
  let ended: unknown;
  void result.then((event) => {
    ended = event;
  });
  await elapse(1000 + LIMITS.finishSlackMs - 1);
  expect(news).toEqual(['its audio output failed: the stream is gone']);
  expect(ended).toBeUndefined();
  await elapse(1);
  expect(ended).toEqual({ playbackPosition: 1, interrupted: false });
  expect(vi.getTimerCount()).toBe(0);
});

/** A piece of the own voice that is not a multiple of 10 ms, and is over. */
function unevenSpeech() {
  const segment = new SpeechSegment();
  const samples = (SAMPLE_RATE / 1000) * 15;
  void segment.push(new AudioFrame(new Int16Array(samples).fill(LOUD), SAMPLE_RATE, 1, samples));
  segment.complete();
  const output = new HandOutput('voice');
  const nothing = () => {};
  const playback = new Playback(segment, output, LIMITS, {
    ...{ onStarted: nothing, onProgressed: nothing },
    ...{ onUnconfirmed: nothing, onFault: nothing },
  });
  return { output, playback };
}

test('the silence that fills the last piece of the own voice comes before the end of the segment', async () => {
  const { output, playback } = unevenSpeech();
  const result = playback.run();
  await elapse(0);
  expect(output.heard).toEqual([LOUD, 0, '|']);
  output.finishes(0.02);
  expect(await result).toEqual({ playbackPosition: 0.015, interrupted: false });
});

test('an output that hangs in that silence can be replaced, and gets no end of the segment', async () => {
  const { output, playback } = unevenSpeech();
  const capture = output.captureFrame.bind(output);
  vi.spyOn(output, 'captureFrame').mockImplementation(async (frame) => {
    output.takes = frame.data[0] !== 0;
    await capture(frame);
  });
  const result = playback.run();
  await elapse(0);
  expect(output.heard).toEqual([LOUD, 0]);
  playback.replace(Date.now());
  expect(await result).toBe('replaced');
  await elapse(0);
  expect(output.heard).toEqual([LOUD, 0]);
  expect(vi.getTimerCount()).toBe(0);
});
