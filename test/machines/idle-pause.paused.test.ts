import { describe, expect, test } from 'vitest';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { FAR_MS, flowing, paused, pausing } from '../support/machines/simulated-pause.ts';

const {
  leadMs: { longest: leadMs, shortest: shortestLeadMs },
  wakeTimeoutMs,
} = idlePauseInput;

describe('paused video', () => {
  test('a paused video is resumed at once when a frame is needed', () => {
    const video = paused();
    video.needed();
    expect(video.value()).toBe('waking');
    expect(video.requests()).toEqual(['pause', 'resume']);
  });

  test.each([1_000, null, FAR_MS, 2 * FAR_MS])(
    'a paused video is resumed at once when the rate becomes %s',
    (intervalMs) => {
      const video = paused();
      video.rate(intervalMs);
      expect(video.value()).toBe('waking');
      expect(video.context().intervalMs).toBe(intervalMs);
      expect(video.requests()).toEqual(['pause', 'resume']);
    },
  );

  test('a video is paused for the interval of the new rate after the next sample', () => {
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
    // Forgets the slow samples at the beginning.
    { took: [900, 900, 900, 110, 120, 130, 140, 150], lead: 260 },
  ])('a video that took $took ms to resume is resumed $lead ms ahead', ({ took, lead }) => {
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

  test('a new stream is resumed with the initial lead time', () => {
    const video = paused();
    video.needed();
    video.wokeAfter(100);
    video.replaced();
    video.frame();
    video.sampled();
    video.clock.advance(FAR_MS - leadMs);
    expect(video.value()).toBe('waking');
  });

  test('a new stream is resumed if the old one was paused', () => {
    const video = paused();
    video.replaced();
    expect(video.requests()).toEqual(['pause', 'resume']);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});

describe('another stream', () => {
  test('a video is not paused before its first stream', () => {
    const video = pausing();
    video.rate(FAR_MS);
    video.sampled();
    expect(video.value()).toBe('starting');
    expect(video.requests()).toEqual([]);
  });

  test('a new stream is not paused before its first frame, even for a late sample of the old one', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.replaced();
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('a new stream without frames does not make the pauses be given up', () => {
    const video = paused();
    video.replaced();
    video.clock.advance(10 * FAR_MS);
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('starting');
  });
});

describe('a video that does not resume in time', () => {
  const givenUp = () => {
    const video = paused();
    video.needed();
    video.clock.advance(wakeTimeoutMs - 1);
    expect(video.value()).toBe('waking');
    video.clock.advance(1);
    return video;
  };

  test('a video that does not resume in time is not paused again on this stream, and a report says so', () => {
    const video = givenUp();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('keeping');
    expect(video.requests()).toEqual(['pause', 'resume', 'give up']);
    expect(video.reports.at(-1)).toMatchObject({ waitedMs: wakeTimeoutMs });
    expect(video.context().failedWakes).toBe(1);
  });

  test('pauses are allowed again on another stream', () => {
    const video = givenUp();
    video.replaced();
    video.frame();
    video.sampled();
    expect(video.value()).toBe('paused');
  });

  test('pauses are allowed again if the stream was replaced during the resume', () => {
    const video = paused();
    video.needed();
    video.replaced();
    video.clock.advance(wakeTimeoutMs);
    video.frame();
    expect(video.value()).toBe('flowing');
  });
});
