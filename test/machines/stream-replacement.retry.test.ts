import { describe, expect, test } from 'vitest';
import { replacementInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { simulatedStreams } from '../support/machines/simulated-streams.ts';

const { closeTimeoutMs, maxAttempts, openTimeoutMs, retryBaseMs, retryMaxMs } = replacementInput;

/** The time until the next stream is requested. */
function waitForOpen(streams: ReturnType<typeof simulatedStreams>) {
  const asked = streams.requests().length;
  const start = streams.clock.now();
  while (streams.requests().length === asked && streams.clock.now() < start + 60_000)
    streams.clock.advance(1);
  return streams.clock.now() - start;
}

describe('an open that fails', () => {
  test('a failed open is retried after a wait that doubles, up to the longest wait', () => {
    const streams = simulatedStreams({ maxAttempts: 6 });
    streams.pick('camera');
    const waits = [];
    for (let attempt = 1; attempt < 6; attempt++) {
      streams.openFailed();
      expect(streams.value()).toBe('backingOff');
      waits.push(waitForOpen(streams));
    }
    expect(waits).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
    expect(waits[0]).toBe(retryBaseMs);
    expect(waits.at(-1)).toBe(retryMaxMs);
  });

  test('a track is lost after the last failed open, with the reason', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    for (let attempt = 1; attempt < maxAttempts; attempt++) {
      streams.openFailed();
      waitForOpen(streams);
    }
    streams.openFailed('no codec');
    expect(streams.value()).toBe('lost');
    expect(ofType(streams.reports, 'streamStatus.changed').at(-1)).toMatchObject({
      streamStatus: 'lost',
      error: 'no codec',
    });
    streams.clock.advance(60_000);
    expect(ofType(streams.reports, 'stream.openRequested')).toHaveLength(maxAttempts);
  });

  test('failed opens are forgotten once a stream was healthy for a while', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    waitForOpen(streams);
    streams.opened();
    streams.frame();
    expect(streams.context().failures).toBe(1);
    for (let ms = 0; ms < retryMaxMs; ms += 500) {
      streams.clock.advance(500);
      streams.frame();
    }
    expect(streams.context()).toMatchObject({ failures: 0, lastError: null });
  });

  test('failed opens of the old pick do not count for the new one', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    streams.pick('screen');
    expect(streams.value()).toBe('opening');
    expect(streams.requests()).toEqual(['open 1 camera', 'open 2 screen']);
    expect(streams.context()).toMatchObject({ failures: 0, lastError: null });
  });

  test('the wait for the next open continues if the same pick comes again', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    streams.clock.advance(retryBaseMs - 1);
    streams.pick('camera');
    expect(streams.value()).toBe('backingOff');
    streams.clock.advance(1);
    expect(streams.value()).toBe('opening');
  });

  test('a failed open is not retried if nothing is picked any more', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.openFailed();
    streams.pick(null);
    streams.clock.advance(60_000);
    expect(streams.value()).toBe('idle');
    expect(streams.requests()).toEqual(['open 1 camera']);
  });
});

describe('an open without an answer', () => {
  test('an open without an answer is closed after the limit, and counts as failed', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.clock.advance(openTimeoutMs - 1);
    expect(streams.value()).toBe('opening');
    streams.clock.advance(1);
    expect(streams.value()).toBe('abandoning');
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1']);
    expect(streams.context()).toMatchObject({ failures: 1, lastError: 'no answer within 4000 ms' });
    streams.closed();
    expect(streams.value()).toBe('backingOff');
    streams.clock.advance(retryBaseMs);
    expect(streams.requests().at(-1)).toBe('open 2 camera');
  });

  test('an open is retried even if neither it nor its close is answered', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.clock.advance(openTimeoutMs + closeTimeoutMs - 1);
    expect(streams.value()).toBe('abandoning');
    streams.clock.advance(1);
    expect(streams.value()).toBe('backingOff');
  });

  test('an open that fails during its close is retried without more waiting', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.clock.advance(openTimeoutMs);
    streams.openFailed('too late');
    expect(streams.value()).toBe('backingOff');
    expect(streams.context().failures).toBe(1);
  });

  test('an open without an answer gives way to another pick during its close', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.clock.advance(openTimeoutMs);
    streams.pick('camera');
    expect(streams.value()).toBe('abandoning');
    streams.pick('screen');
    expect(streams.value()).toBe('closing');
    streams.closed();
    expect(streams.requests().at(-1)).toBe('open 2 screen');
    expect(streams.context().failures).toBe(0);
  });
});

describe('a stream that ends by itself', () => {
  test('a stream that ends by itself is closed, and opened again after a while', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.ended();
    expect(streams.value()).toBe('abandoning');
    streams.closed();
    expect(streams.context().lastError).toBe('the stream ended');
    expect(waitForOpen(streams)).toBe(retryBaseMs);
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 camera']);
  });

  test('a stream that ends after each first frame is given up in the end', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      streams.opened();
      streams.frame();
      streams.ended();
      streams.closed();
      if (attempt < maxAttempts) waitForOpen(streams);
    }
    expect(streams.value()).toBe('lost');
    expect(ofType(streams.reports, 'stream.openRequested')).toHaveLength(maxAttempts);
  });
});

describe('a lost pick', () => {
  const lost = () => {
    const streams = simulatedStreams({ maxAttempts: 1 });
    streams.pick('camera');
    streams.openFailed();
    expect(streams.value()).toBe('lost');
    return streams;
  };

  test.each(['screen', 'camera'])('a lost track recovers with a new pick: the %s', (sid) => {
    const streams = lost();
    streams.pick(sid);
    expect(streams.requests().at(-1)).toBe(`open 2 ${sid}`);
    streams.opened();
    streams.frame();
    expect(streams.statuses().at(-1)).toBe('live');
    expect(streams.context().failures).toBe(0);
  });

  test('a lost track is forgotten when nothing is picked', () => {
    const streams = lost();
    streams.pick(null);
    expect(streams.value()).toBe('idle');
    expect(streams.statuses().at(-1)).toBe('none');
  });
});
