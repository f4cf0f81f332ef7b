import { describe, expect, test } from 'vitest';
import { replacementInput } from '../support/machines/inputs.ts';
import { pickOf, simulatedStreams } from '../support/machines/simulated-streams.ts';

const { closeTimeoutMs, retryMaxMs, stallAfterMs } = replacementInput;

function pausedStream() {
  const streams = simulatedStreams();
  streams.watch('camera');
  streams.paused();
  return streams;
}

describe('a paused stream', () => {
  test('a paused stream is reported as paused, and never as stalled', () => {
    const streams = pausedStream();
    expect(streams.value()).toEqual({ open: 'paused' });
    streams.clock.advance(100 * stallAfterMs);
    expect(streams.value()).toEqual({ open: 'paused' });
    expect(streams.statuses()).toEqual(['none', 'opening', 'live', 'paused']);
    expect(streams.context()).toMatchObject({ stalls: 0, current: pickOf('camera') });
    expect(streams.clock.pending).toBe(0);
  });

  test('a resumed stream has the full limit for its first frame', () => {
    const streams = pausedStream();
    streams.clock.advance(100 * stallAfterMs);
    streams.resumed();
    expect(streams.value()).toEqual({ open: 'starting' });
    streams.clock.advance(stallAfterMs - 1);
    streams.frame();
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
    expect(streams.statuses().slice(-2)).toEqual(['paused', 'live']);
  });

  test('a resumed stream is stalled if no frame follows', () => {
    const streams = pausedStream();
    streams.resumed();
    streams.clock.advance(stallAfterMs);
    expect(streams.value()).toEqual({ open: 'stalled' });
    expect(streams.context().stalls).toBe(1);
  });

  test('a paused stream is live if its frames arrive nevertheless, but not for frames of an old stream', () => {
    const streams = simulatedStreams();
    streams.watch('screen');
    streams.pick('camera');
    streams.closed();
    streams.opened();
    streams.paused();
    streams.frame(1);
    expect(streams.value()).toEqual({ open: 'paused' });
    streams.frame(2);
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
  });

  test('a pause neither opens nor closes a stream', () => {
    const streams = pausedStream();
    streams.resumed();
    streams.frame();
    streams.paused();
    expect(streams.requests()).toEqual(['open 1 camera']);
    expect(streams.context()).toMatchObject({ switches: 1, failures: 0 });
  });

  test('a paused stream gives way to another pick, which starts unpaused', () => {
    const streams = pausedStream();
    streams.pick('camera');
    expect(streams.value()).toEqual({ open: 'paused' });
    streams.pick('screen');
    streams.resumed();
    streams.closed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 screen']);
    streams.opened();
    expect(streams.value()).toEqual({ open: 'starting' });
  });

  test('a paused stream that ends is closed, and opened again', () => {
    const streams = pausedStream();
    streams.ended();
    streams.clock.advance(closeTimeoutMs + retryMaxMs);
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 camera']);
  });
});

describe('a stall', () => {
  test('a stall ends with a pause, since a paused stream cannot be stalled', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.clock.advance(stallAfterMs);
    streams.paused();
    expect(streams.statuses().slice(-2)).toEqual(['stalled', 'paused']);
  });
});

test('a pause or a resume without an open stream changes nothing', () => {
  const streams = simulatedStreams();
  const visited = [];
  for (const go of [() => {}, () => streams.pick('camera'), () => streams.pick(null)]) {
    go();
    const before = streams.value();
    streams.paused();
    streams.resumed();
    expect(streams.value()).toEqual(before);
    visited.push(before);
  }
  expect(visited).toEqual(['idle', 'opening', 'closing']);
  expect(streams.context().staleEvents).toBe(0);
});
