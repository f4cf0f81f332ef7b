import { describe, expect, test } from 'vitest';
import { idlePauseInput, replacementInput, SOURCE_ID } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { screenA, track } from '../support/machines/simulated-room.ts';
import { paused, seeing } from '../support/machines/simulated-source.ts';

const {
  leadMs: { longest: leadMs },
  minIntervalMs,
  wakeTimeoutMs,
} = idlePauseInput;
const { stallAfterMs } = replacementInput;
const far = 10_000;

describe('a source between two distant samples', () => {
  test('a paused source pauses its stream and reports it', () => {
    const source = paused(far);
    expect(source.told(1)).toEqual(['stream.pause']);
    expect(source.inside().replacement.value).toEqual({ open: 'paused' });
    expect(source.value()).toBe('paused');
    expect(source.context().streamStatus).toBe('paused');
    expect(source.statuses()).toEqual(['none', 'opening', 'live', 'paused']);
  });

  test('a paused source is not stalled, however long the stream is silent', () => {
    const source = paused(100 * stallAfterMs);
    source.clock.advance(100 * stallAfterMs - leadMs - 1);
    expect(source.value()).toBe('paused');
    expect(source.statuses()).not.toContain('stalled');
  });

  test('a paused source is resumed shortly before the next sample, and is live again', () => {
    const source = paused(far);
    source.clock.advance(far - leadMs);
    expect(source.told(1)).toEqual(['stream.pause', 'stream.resume']);
    expect(source.inside().replacement.value).toEqual({ open: 'starting' });
    expect(source.value()).toBe('paused');
    source.stream('stream.frame');
    expect(source.value()).toBe('seeing');
    expect(source.statuses().slice(-2)).toEqual(['paused', 'live']);
  });

  test('a source is paused again after the next sample', () => {
    const source = paused(far);
    source.clock.advance(far - leadMs);
    source.stream('stream.frame');
    source.sampled();
    expect(source.told(1)).toEqual(['stream.pause', 'stream.resume', 'stream.pause']);
    expect(source.value()).toBe('paused');
  });

  test.each([
    ['a frame is needed', (source) => source.needed()],
    ['samples come at a faster rate', (source) => source.rate(1_000)],
    ['samples come at a slower rate', (source) => source.rate(2 * far)],
    ['samples come at no fixed rate', (source) => source.rate(null)],
  ] as [string, (source: ReturnType<typeof paused>) => void][])(
    'a paused source is resumed at once when %s',
    (_, wake) => {
      const source = paused(far);
      wake(source);
      expect(source.told(1)).toEqual(['stream.pause', 'stream.resume']);
      source.stream('stream.frame');
      expect(source.value()).toBe('seeing');
    },
  );

  test('a paused source is resumed while every frame is needed, and not paused until then', () => {
    const source = paused(far);
    source.actor.send({ type: 'flow.held' });
    source.stream('stream.frame');
    source.sampled();
    expect(source.told(1)).toEqual(['stream.pause', 'stream.resume']);
    source.actor.send({ type: 'flow.released' });
    source.sampled();
    expect(source.told(1)).toEqual(['stream.pause', 'stream.resume', 'stream.pause']);
  });

  test('a paused source is live if frames arrive nevertheless', () => {
    const source = paused(far);
    source.stream('stream.frame');
    expect(source.value()).toBe('seeing');
  });

  test('a source is not paused if the next sample is near', () => {
    const source = seeing();
    source.rate(minIntervalMs - 1);
    source.sampled();
    source.rate(null);
    source.sampled();
    expect(source.told(1)).toEqual([]);
  });
});

describe('a stream that is not resumed in time', () => {
  test('a stream that is not resumed in time is stalled, and is not paused again', () => {
    const source = paused(far);
    source.needed();
    source.clock.advance(wakeTimeoutMs);
    expect(ofType(source.reports, 'video.pauseGivenUp')).toEqual([
      { type: 'video.pauseGivenUp', sourceId: SOURCE_ID, waitedMs: wakeTimeoutMs },
    ]);
    source.clock.advance(stallAfterMs - wakeTimeoutMs);
    expect(source.value()).toBe('stalled');
    source.stream('stream.frame');
    source.sampled();
    expect(source.value()).toBe('seeing');
    expect(source.told(1)).toEqual(['stream.pause', 'stream.resume']);
  });

  test('a stream that is not resumed in time gives way to one that may be paused again', () => {
    const source = paused(far);
    source.needed();
    source.clock.advance(wakeTimeoutMs);
    source.publish(track('camera 2'));
    source.stream('stream.closed');
    source.stream('stream.opened', 'stream.frame');
    source.sampled();
    expect(source.told(2)).toEqual(['stream.pause']);
    expect(source.value()).toBe('paused');
  });
});

describe('another stream', () => {
  test('a screen that replaces a paused camera is not paused', () => {
    const source = paused(far);
    source.publish(screenA);
    source.stream('stream.closed');
    source.stream('stream.opened', 'stream.frame');
    source.sampled();
    expect(source.told(2)).toEqual([]);
    expect(source.value()).toBe('seeing');
  });

  test('a new stream is not paused, even if the one before was', () => {
    const source = paused(far);
    source.publish(track('camera 2'));
    expect(source.told(1)?.slice(0, 2)).toEqual(['stream.pause', 'stream.close']);
    source.stream('stream.closed');
    expect(source.told(2)).not.toContain('stream.pause');
    source.stream('stream.opened', 'stream.frame');
    expect(source.value()).toBe('seeing');
    expect(source.pauses().pauses).toBe(1);
  });

  test('a new stream is not paused for a late sample of the one before, since it needs its first frame', () => {
    const source = seeing();
    source.rate(far);
    source.publish(track('camera 2'));
    source.stream('stream.closed');
    source.sampled();
    source.stream('stream.opened');
    source.sampled();
    expect(source.told(2)).toEqual([]);
    source.stream('stream.frame');
    expect(source.value()).toBe('seeing');
    source.sampled();
    expect(source.told(2)).toEqual(['stream.pause']);
  });
});

describe('a resume that is no longer needed', () => {
  test.each([
    ['video goes off', (source) => source.mode('off')],
    ['the track goes away', (source) => source.unpublish('camera')],
  ] as [string, (source: ReturnType<typeof paused>) => void][])(
    'pauses are not given up for missing frames after %s',
    (_, end) => {
      const source = paused(far);
      end(source);
      expect(source.told(1)).toContain('stream.close');
      source.stream('stream.closed');
      source.clock.advance(2 * far);
      expect(ofType(source.reports, 'video.pauseGivenUp')).toEqual([]);
      expect(source.pauses().failedWakes).toBe(0);
      expect(source.clock.pending).toBe(0);
    },
  );
});
