import { describe, expect, test } from 'vitest';
import { streamReplacementMachine } from '../../src/machines/stream-replacement.machine.ts';
import { replacementInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { pickOf, simulatedStreams } from '../support/machines/simulated-streams.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

describe('paths', () => {
  test('every state is entered and every transition is taken', () => {
    const { elapsed } = eventsOf(streamReplacementMachine);
    const ofStream = (streamId: number) =>
      [
        { type: 'stream.opened', streamId },
        { type: 'stream.openFailed', streamId, error: 'refused' },
        { type: 'stream.frame', streamId },
        { type: 'stream.ended', streamId },
        { type: 'stream.closed', streamId },
      ] as const;
    const coverage = new Coverage(streamReplacementMachine).explore({
      input: { ...replacementInput, maxAttempts: 2 },
      events: [
        ...ofStream(1),
        ...ofStream(2),
        { type: 'pick.changed', pick: pickOf('camera') },
        { type: 'pick.changed', pick: pickOf('screen') },
        { type: 'pick.changed', pick: null },
        { type: 'video.paused' },
        { type: 'video.resumed' },
        elapsed('openTimeout', 'opening'),
        elapsed('stallAfter', 'open.starting'),
        elapsed('stallAfter', 'open.live.fresh'),
        elapsed('healthyAfter', 'open.live'),
        elapsed('closeTimeout', 'closing'),
        elapsed('closeTimeout', 'abandoning'),
        elapsed('backOff', 'backingOff'),
      ],
      key: ({ context }) => [context.wanted?.sid, context.failures, Math.min(context.streamId, 3)],
    });
    console.info(coverage.summary());
    expect(coverage.missed()).toEqual([]);
  });
});

describe('a pick', () => {
  test('a pick is opened, and live after its first frame', () => {
    const streams = simulatedStreams();
    expect(streams.value()).toBe('idle');
    streams.pick('camera');
    expect(streams.value()).toBe('opening');
    streams.opened();
    expect(streams.value()).toEqual({ open: 'starting' });
    streams.frame();
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
    expect(streams.requests()).toEqual(['open 1 camera']);
    expect(streams.statuses()).toEqual(['none', 'opening', 'live']);
    expect(streams.context()).toMatchObject({ switches: 1, current: pickOf('camera') });
  });

  test('another pick closes the first stream before it opens the second', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    expect(streams.value()).toBe('closing');
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1']);
    streams.closed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 screen']);
    streams.opened();
    streams.frame();
    expect(ofType(streams.reports, 'streamStatus.changed').at(-1)).toMatchObject({
      streamStatus: 'live',
      pick: pickOf('screen'),
    });
  });

  test('the same pick again changes nothing', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.pick('camera');
    streams.opened();
    streams.pick('camera');
    streams.frame();
    streams.pick('camera');
    expect(streams.requests()).toEqual(['open 1 camera']);
    expect(streams.context().switches).toBe(1);
  });

  test('an empty pick closes the stream and opens none', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick(null);
    streams.closed();
    expect(streams.value()).toBe('idle');
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1']);
    expect(streams.statuses()).toEqual(['none', 'opening', 'live', 'none']);
    expect(streams.context().current).toBeNull();
    streams.pick(null);
    expect(streams.value()).toBe('idle');
  });

  test('the last of several picks during an open wins', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.pick('screenA');
    streams.pick('screenB');
    streams.opened();
    expect(streams.value()).toBe('closing');
    streams.closed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 screenB']);
  });

  test('the last of several picks during a close wins', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screenA');
    streams.pick(null);
    streams.pick('screenB');
    streams.closed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 screenB']);
  });

  test('a pick that returns to the first track during a close opens a new stream of it', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screenA');
    streams.pick('camera');
    streams.closed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 camera']);
  });

  test('a pick does not wait for a stream whose open fails instead of being closed', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.pick('screen');
    streams.openFailed();
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1', 'open 2 screen']);
    expect(streams.context().failures).toBe(0);
  });

  test('a pick opens even if the close is not answered in time', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.clock.advance(replacementInput.closeTimeoutMs - 1);
    expect(streams.value()).toBe('closing');
    streams.clock.advance(1);
    expect(streams.requests().at(-1)).toBe('open 2 screen');
    streams.closed(1);
    expect(streams.value()).toBe('opening');
    expect(streams.context().staleEvents).toBe(1);
  });
});

describe('the old stream', () => {
  test('frames and the end of the old stream do not count after the switch', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.frame(1);
    expect(streams.value()).toBe('closing');
    streams.closed(1);
    streams.frame(1);
    expect(streams.value()).toBe('opening');
    streams.opened(2);
    streams.frame(1);
    streams.ended(1);
    streams.openFailed('late', 1);
    expect(streams.value()).toEqual({ open: 'starting' });
    expect(streams.context()).toMatchObject({ staleEvents: 5, failures: 0, lastError: null });
    expect(streams.statuses().filter((status) => status === 'live')).toHaveLength(1);
  });

  test('frames of the old stream do not keep a stalled one live', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.closed(1);
    streams.opened(2);
    streams.clock.advance(replacementInput.stallAfterMs);
    streams.frame(1);
    expect(streams.value()).toEqual({ open: 'stalled' });
  });

  test('a new stream is not mistaken for the one that is being closed', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.pick('screen');
    streams.closed(1);
    streams.pick('camera');
    streams.closed(1);
    expect(streams.value()).toBe('closing');
    expect(streams.context().staleEvents).toBe(1);
  });
});

describe('a stream without frames', () => {
  test('a stream is stalled after the limit without frames, and live again with its next frame', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.clock.advance(replacementInput.stallAfterMs - 1);
    streams.frame();
    streams.clock.advance(replacementInput.stallAfterMs - 1);
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
    streams.clock.advance(1);
    expect(streams.value()).toEqual({ open: 'stalled' });
    expect(streams.context().stalls).toBe(1);
    streams.frame();
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
    expect(streams.statuses()).toEqual(['none', 'opening', 'live', 'stalled', 'live']);
    expect(streams.requests()).toEqual(['open 1 camera']);
  });

  test('a stream is stalled if its first frame never comes', () => {
    const streams = simulatedStreams();
    streams.pick('camera');
    streams.opened();
    streams.clock.advance(replacementInput.stallAfterMs);
    expect(streams.statuses()).toEqual(['none', 'opening', 'stalled']);
  });

  test('a screen that sends no more frames is still, not stalled', () => {
    const streams = simulatedStreams();
    streams.watch('screen');
    streams.clock.advance(100 * replacementInput.stallAfterMs);
    expect(streams.value()).toEqual({ open: { live: 'fresh' } });
    expect(streams.statuses()).toEqual(['none', 'opening', 'live']);
  });

  test('a stalled stream gives way to another pick', () => {
    const streams = simulatedStreams();
    streams.watch('camera');
    streams.clock.advance(replacementInput.stallAfterMs);
    streams.pick('screen');
    expect(streams.requests()).toEqual(['open 1 camera', 'close 1']);
  });
});
