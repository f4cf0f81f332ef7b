import { describe, expect, test } from 'vitest';
import { idlePauseInput, replacementInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { screenA } from '../support/machines/simulated-room.ts';
import { resting, seeing } from '../support/machines/simulated-sight.ts';

const {
  leadMs: { longest: leadMs },
  minIntervalMs,
  wakeTimeoutMs,
} = idlePauseInput;
const { stallAfterMs } = replacementInput;
const far = 10_000;

describe('eyes between two far samples', () => {
  test('rest: the stream is paused, and replacement and session know', () => {
    const sight = resting(far);
    expect(sight.told(1)).toEqual(['stream.pause']);
    expect(sight.inside().replacement.value).toEqual({ open: 'paused' });
    expect(sight.value()).toBe('resting');
    expect(sight.context().sight).toBe('paused');
    expect(sight.sights()).toEqual(['none', 'opening', 'live', 'paused']);
  });

  test('are not stalled, however long the stream is silent', () => {
    const sight = resting(100 * stallAfterMs);
    sight.clock.advance(100 * stallAfterMs - leadMs - 1);
    expect(sight.value()).toBe('resting');
    expect(sight.sights()).not.toContain('stalled');
  });

  test('look again shortly before the next sample: the stream is resumed, and seen', () => {
    const sight = resting(far);
    sight.clock.advance(far - leadMs);
    expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume']);
    expect(sight.inside().replacement.value).toEqual({ open: 'starting' });
    expect(sight.value()).toBe('resting');
    sight.stream('stream.frame');
    expect(sight.value()).toBe('seeing');
    expect(sight.sights().slice(-2)).toEqual(['paused', 'live']);
  });

  test('rest again after the next sample', () => {
    const sight = resting(far);
    sight.clock.advance(far - leadMs);
    sight.stream('stream.frame');
    sight.sampled();
    expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume', 'stream.pause']);
    expect(sight.value()).toBe('resting');
  });

  test.each([
    ['a frame is needed', (sight) => sight.needed()],
    ['samples come at a faster rate', (sight) => sight.rate(1_000)],
    ['samples come at a slower rate', (sight) => sight.rate(2 * far)],
    ['samples come at no fixed rate', (sight) => sight.rate(null)],
  ] as [string, (sight: ReturnType<typeof resting>) => void][])(
    'look at once when %s',
    (_, wake) => {
      const sight = resting(far);
      wake(sight);
      expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume']);
      sight.stream('stream.frame');
      expect(sight.value()).toBe('seeing');
    },
  );

  test('look at once while somebody wants every frame, and do not rest until nobody does', () => {
    const sight = resting(far);
    sight.actor.send({ type: 'flow.held' });
    sight.stream('stream.frame');
    sight.sampled();
    expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume']);
    sight.actor.send({ type: 'flow.released' });
    sight.sampled();
    expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume', 'stream.pause']);
  });

  test('see frames that come all the same', () => {
    const sight = resting(far);
    sight.stream('stream.frame');
    expect(sight.value()).toBe('seeing');
  });

  test('do not rest where the next sample is near', () => {
    const sight = seeing();
    sight.rate(minIntervalMs - 1);
    sight.sampled();
    sight.rate(null);
    sight.sampled();
    expect(sight.told(1)).toEqual([]);
  });
});

describe('a stream that is not resumed in time', () => {
  test('is stalled, and is paused no more', () => {
    const sight = resting(far);
    sight.needed();
    sight.clock.advance(wakeTimeoutMs);
    expect(ofType(sight.reports, 'video.pauseGivenUp')).toEqual([
      { type: 'video.pauseGivenUp', waitedMs: wakeTimeoutMs },
    ]);
    sight.clock.advance(stallAfterMs - wakeTimeoutMs);
    expect(sight.value()).toBe('stalled');
    sight.stream('stream.frame');
    sight.sampled();
    expect(sight.value()).toBe('seeing');
    expect(sight.told(1)).toEqual(['stream.pause', 'stream.resume']);
  });

  test('gives way to one that may be paused again', () => {
    const sight = resting(far);
    sight.needed();
    sight.clock.advance(wakeTimeoutMs);
    sight.publish(screenA);
    sight.stream('stream.closed');
    sight.stream('stream.opened', 'stream.frame');
    sight.sampled();
    expect(sight.told(2)).toEqual(['stream.pause']);
    expect(sight.value()).toBe('resting');
  });
});

describe('another stream', () => {
  test('flows, although the one before was paused', () => {
    const sight = resting(far);
    sight.publish(screenA);
    expect(sight.told(1)?.slice(0, 2)).toEqual(['stream.pause', 'stream.close']);
    sight.stream('stream.closed');
    expect(sight.told(2)).not.toContain('stream.pause');
    sight.stream('stream.opened', 'stream.frame');
    expect(sight.value()).toBe('seeing');
    expect(sight.pauses().pauses).toBe(1);
  });

  test('is not paused for a late sample of the one before: its first frame must come', () => {
    const sight = seeing();
    sight.rate(far);
    sight.publish(screenA);
    sight.stream('stream.closed');
    sight.sampled();
    sight.stream('stream.opened');
    sight.sampled();
    expect(sight.told(2)).toEqual([]);
    sight.stream('stream.frame');
    expect(sight.value()).toBe('seeing');
    sight.sampled();
    expect(sight.told(2)).toEqual(['stream.pause']);
  });
});

describe('a pause that nobody waits for any more', () => {
  test.each([
    ['video goes off', (sight) => sight.mode('off')],
    ['the track goes away', (sight) => sight.unpublish('camera')],
  ] as [string, (sight: ReturnType<typeof resting>) => void][])(
    'is not given up for want of frames: %s',
    (_, end) => {
      const sight = resting(far);
      end(sight);
      expect(sight.told(1)).toContain('stream.close');
      sight.stream('stream.closed');
      sight.clock.advance(2 * far);
      expect(ofType(sight.reports, 'video.pauseGivenUp')).toEqual([]);
      expect(sight.pauses().failedWakes).toBe(0);
      expect(sight.clock.pending).toBe(0);
    },
  );
});
