import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import type { LumaPicture } from '../../src/frames/luma.ts';
import { notice } from '../../src/frames/notice.ts';
import type { PushResult, RealtimeVideoSink } from '../../src/models/video-sink.ts';
import { HonestEyes } from '../../src/session/honest-eyes.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const frame = { id: 1, trackSid: 'TR', source: 'camera', receivedAt: 0 } as unknown as FrameRef;
const image = {} as EncodedImage;

const dark = (width: number, height: number): LumaPicture => {
  const means = new Float32Array(width * height).fill(16);
  return { width, height, means, textures: new Float32Array(means.length), edges: 0 };
};

/** The picture of a note is made on other threads, while the clock of the test stands still. */
async function turnsUntil(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve));
}

/** The model got a picture, and its source ended. */
function blinded(
  sink: RealtimeVideoSink,
  onError: (error: unknown) => void = (error) => expect.fail(String(error)),
): HonestEyes {
  const revoked: (() => void)[] = [];
  const eyes = new HonestEyes({
    gate: {
      keepRevocable: (_, content, withdraw) => revoked.push(() => withdraw(content)),
      onFrame: () => () => {},
      luma: () => undefined,
    },
    sink: () => sink,
    onError,
  });
  eyes.sent('linked/latest', frame, image);
  for (const revoke of revoked) revoke();
  return eyes;
}

test('the note about a source that ended waits for the next connection, however long, and goes once', async () => {
  const notes: string[] = [];
  let connected: PushResult = 'not-connected';
  let attempts = 0;
  const sink = {
    forget: () => {},
    note: (_: string, line: string) => {
      attempts += 1;
      if (connected === 'sent') notes.push(line);
      return connected;
    },
  } as unknown as RealtimeVideoSink;
  const eyes = blinded(sink);
  const pass = async () => {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  while (attempts < 30) await pass();
  expect(notes).toEqual([]);
  connected = 'sent';
  while (notes.length === 0) await pass();
  for (let i = 0; i < 5; i++) await pass();
  expect(notes).toEqual([expect.stringMatching(/^The camera is off since/)]);
  eyes.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a note that waits for its time is not sent after the session is closed', async () => {
  const sink = { forget: () => {}, note: vi.fn() } as unknown as RealtimeVideoSink;
  const eyes = blinded(sink);
  expect(vi.getTimerCount()).toBe(1);
  eyes.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a note whose picture is made while the session is closed is not sent', async () => {
  const note = vi.fn(() => 'sent');
  const eyes = blinded({ forget: () => {}, note } as unknown as RealtimeVideoSink);
  vi.advanceTimersByTime(1000);
  eyes.close();
  // As long as the picture of the note takes.
  await notice('The camera is off.');
  await new Promise((resolve) => setImmediate(resolve));
  expect(note).not.toHaveBeenCalled();
});

test('a note that waits does not keep the process alive', () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const eyes = blinded({ forget: () => {} } as unknown as RealtimeVideoSink);
  expect(set.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
  eyes.close();
});

test('a source that returns within a second has not ended', async () => {
  const note = vi.fn(() => 'sent');
  const sink = { forget: () => {}, note } as unknown as RealtimeVideoSink;
  const returned = blinded(sink);
  vi.advanceTimersByTime(999);
  returned.sent('linked/latest', { ...frame, id: 2 } as FrameRef, image);
  vi.advanceTimersByTime(1);
  // Of two sources, the note can be only about the one that has not returned.
  const gone = blinded(sink);
  vi.advanceTimersByTime(1000);
  await turnsUntil(() => note.mock.calls.length > 0);
  expect(note).toHaveBeenCalledTimes(1);
  for (const eyes of [returned, gone]) eyes.close();
});

test('a note that no connection takes is offered again each second', async () => {
  const note = vi.fn(() => 'not-connected');
  const eyes = blinded({ forget: () => {}, note } as unknown as RealtimeVideoSink);
  vi.advanceTimersByTime(1000);
  await turnsUntil(() => vi.getTimerCount() === 1);
  for (const offers of [2, 3]) {
    await vi.advanceTimersByTimeAsync(999);
    expect(note).toHaveBeenCalledTimes(offers - 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(note).toHaveBeenCalledTimes(offers);
  }
  eyes.close();
});

test('a source is checked twice a second, by one check, until the session is closed', () => {
  const stop = vi.fn();
  const onFrame = vi.fn((..._: unknown[]) => stop);
  const eyes = new HonestEyes({
    gate: { keepRevocable: () => {}, onFrame, luma: () => undefined },
    sink: () => undefined,
    onError: (error) => expect.fail(String(error)),
  });
  for (const id of [1, 2]) eyes.sent('linked/latest', { ...frame, id } as FrameRef, image);
  expect(onFrame.mock.calls).toEqual([['linked/latest', expect.any(Function), 500]]);
  expect(stop).not.toHaveBeenCalled();
  eyes.close();
  eyes.close();
  expect(stop).toHaveBeenCalledTimes(1);
});

/** Eyes of a source that shows darkness only, and what gives them a frame. */
function eyesInTheDark(sink: object) {
  let see = (_: FrameRef) => {};
  const eyes = new HonestEyes({
    gate: {
      keepRevocable: () => {},
      onFrame: (_, listener) => {
        see = listener;
        return () => {};
      },
      luma: (_, width, height) => dark(width, height),
    },
    sink: () => sink as RealtimeVideoSink,
    onError: (error) => expect.fail(String(error)),
  });
  return { eyes, see: (seen: FrameRef) => see(seen) };
}

test.each([
  ['camera', 1],
  ['screen', 0],
] as const)(
  'a picture that stays dark is a covered camera, but not a covered screen: %s',
  (source, reports) => {
    const forgetSource = vi.fn();
    const { eyes, see } = eyesInTheDark({ forgetSource });
    const shown = { ...frame, source };
    eyes.sent('linked/latest', shown, image);
    for (let receivedAt = 0; receivedAt <= 10_000; receivedAt += 500) see({ ...shown, receivedAt });
    expect(forgetSource).toHaveBeenCalledTimes(reports);
    eyes.close();
  },
);

test('the note about a covered camera has the time from which it was dark', async () => {
  const note = vi.fn((..._: unknown[]) => 'sent');
  const { eyes, see } = eyesInTheDark({ forgetSource: () => {}, note });
  eyes.sent('linked/latest', frame, image);
  for (let receivedAt = 5000; receivedAt <= 9000; receivedAt += 500) see({ ...frame, receivedAt });
  vi.advanceTimersByTime(0);
  await turnsUntil(() => note.mock.calls.length > 0);
  expect(note.mock.calls[0]?.[1]).toMatch(/^The camera is dark since 00:00:05 UTC and may be/);
  eyes.close();
});

test('a note about an older picture is not sent, and a picture that is taken away is forgotten by its own sink', async () => {
  const revoked: (() => void)[] = [];
  const [first, second] = [{ forget: vi.fn() }, { forget: vi.fn() }];
  let sink = first;
  const eyes = new HonestEyes({
    gate: {
      keepRevocable: (_, content, withdraw) => revoked.push(() => withdraw(content)),
      onFrame: () => () => {},
      luma: () => undefined,
    },
    sink: () => sink as unknown as RealtimeVideoSink,
    onError: (error) => expect.fail(String(error)),
  });
  eyes.sent('linked/latest', frame, image);
  const ofFirst = revoked.splice(0);
  sink = second;
  eyes.sent('linked/latest', { ...frame, id: 2 } as FrameRef, image);
  for (const revoke of ofFirst) revoke();
  expect(first.forget.mock.calls).toEqual([[image]]);
  expect(second.forget).not.toHaveBeenCalled();
  // A newer picture of the same source is still true.
  expect(vi.getTimerCount()).toBe(0);
  eyes.close();
});

test('a sink that throws at a note is reported, and ends nothing', async () => {
  const errors: unknown[] = [];
  const failure = new Error('torn');
  const sink = {
    forget: () => {},
    note: () => {
      throw failure;
    },
  } as unknown as RealtimeVideoSink;
  const eyes = blinded(sink, (error) => errors.push(error));
  vi.advanceTimersByTime(1000);
  await turnsUntil(() => errors.length > 0);
  expect(errors).toEqual([failure]);
  expect(vi.getTimerCount()).toBe(0);
  eyes.close();
});
