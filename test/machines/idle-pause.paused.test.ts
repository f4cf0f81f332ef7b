import { describe, expect, test } from 'vitest';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { FAR_MS, flowing, paused, pausing } from '../support/machines/simulated-pause.ts';

const {
  leadMs: { longest: leadMs, shortest: shortestLeadMs },
  wakeTimeoutMs,
} = idlePauseInput;

describe('paused video', () => {
  test('flows at once when a frame is needed', () => {
    const video = paused();
    video.needed();
    expect(video.value()).toBe('waking');
    expect(video.requests()).toEqual(['pause', 'resume']);
  });

  test.each([1_000, null, FAR_MS, 2 * FAR_MS])(
    'flows at once when the rate becomes %s',
    (intervalMs) => {
      const video = paused();
      video.rate(intervalMs);
      expect(video.value()).toBe('waking');
      expect(video.context().intervalMs).toBe(intervalMs);
      expect(video.requests()).toEqual(['pause', 'resume']);
    },
  );

  test('is paused for the time of the new rate after the next sample', () => {
    const video = paused();
    video.rate(2 * FAR_MS);
    video.frame();
    video.sampled();
    video.clock.advance(2 * FAR_MS - leadMs - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test.each([
    { took: [100], lead: shortestLeadMs },
    { took: [140], lead: 280 },
    { took: [140, 140, 2_000], lead: 280 },
    { took: [1_000], lead: leadMs },
    // The slow beginning is forgotten.
    { took: [900, 900, 900, 110, 120, 130, 140, 150], lead: 260 },
  ])('that took $took ms to come back is switched on $lead ms ahead', ({ took, lead }) => {
    const video = paused();
    for (const afterMs of took) {
      video.needed();
      video.wokeAfter(afterMs);
      video.sampled();
    }
    video.clock.advance(FAR_MS - lead - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('of another stream is switched on as early as the first time', () => {
    const video = paused();
    video.needed();
    video.wokeAfter(100);
    video.replaced();
    video.frame();
    video.sampled();
    video.clock.advance(FAR_MS - leadMs);
    expect(video.value()).toBe('waking');
  });

  test('is left behind by another stream, which flows', () => {
    const video = paused();
    video.replaced();
    expect(video.requests()).toEqual(['pause', 'resume']);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});

describe('another stream', () => {
  test('is as the first one: before a stream there is nothing to pause', () => {
    const video = pausing();
    video.rate(FAR_MS);
    video.sampled();
    expect(video.value()).toBe('starting');
    expect(video.requests()).toEqual([]);
  });

  test('is not paused before its first frame came, however late a sample of the old one is', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.replaced();
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('may take its time: nothing is given up', () => {
    const video = paused();
    video.replaced();
    video.clock.advance(10 * FAR_MS);
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('starting');
  });
});

describe('video that does not come back in time', () => {
  const givenUp = () => {
    const video = paused();
    video.needed();
    video.clock.advance(wakeTimeoutMs - 1);
    expect(video.value()).toBe('waking');
    video.clock.advance(1);
    return video;
  };

  test('is paused no more on this stream, and that is told', () => {
    const video = givenUp();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('keeping');
    expect(video.requests()).toEqual(['pause', 'resume', 'give up']);
    expect(video.reports.at(-1)).toMatchObject({ waitedMs: wakeTimeoutMs });
    expect(video.context().failedWakes).toBe(1);
  });

  test('has another chance on another stream', () => {
    const video = givenUp();
    video.replaced();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('paused');
  });

  test('has another chance as well where the stream was replaced while it woke', () => {
    const video = paused();
    video.needed();
    video.replaced();
    video.clock.advance(wakeTimeoutMs);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});
