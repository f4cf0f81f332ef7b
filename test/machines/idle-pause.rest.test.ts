import { describe, expect, test } from 'vitest';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { FAR_MS, flowing, NEAR_MS, paused, resting } from '../support/machines/simulated-pause.ts';

const { leadMs, shortestMs, longestMs, maxFrameGapMs } = idlePauseInput.rest;

/** A stream with frames at this interval, before its first sample. */
function readAt(gapMs: number) {
  const video = flowing({ isWanted: false });
  video.frames(gapMs);
  return video;
}

describe('a stream between two samples that are too close for a pause', () => {
  test('a stream rests after a sample, and is read again shortly before the next one', () => {
    const video = resting();
    video.clock.advance(NEAR_MS - leadMs - 1);
    expect(video.requests()).toEqual(['rest']);
    video.clock.advance(1);
    expect(video.requests()).toEqual(['rest', 'read']);
    video.sampled();
    expect(video.requests()).toEqual(['rest', 'read', 'rest']);
  });

  test.each([
    [shortestMs - 1, []],
    [shortestMs, ['rest']],
    [longestMs, ['rest']],
    [longestMs + 1, []],
    [null, []],
  ])('a stream with a sample every %s ms requests %j', (intervalMs, requests) => {
    const video = readAt(33);
    video.rate(intervalMs);
    video.sampled();
    expect(video.requests()).toEqual(requests);
  });

  test.each([
    [maxFrameGapMs, ['rest']],
    [maxFrameGapMs + 1, []],
  ])('a stream with a frame every %s ms requests %j', (gapMs, requests) => {
    const video = readAt(gapMs);
    video.rate(NEAR_MS);
    video.sampled();
    expect(video.requests()).toEqual(requests);
  });

  test('a stream does not rest before its frames were counted, nor by the count of the one before', () => {
    const first = flowing();
    first.rate(NEAR_MS);
    first.sampled();
    expect(first.requests()).toEqual([]);
    const next = readAt(33);
    next.rate(NEAR_MS);
    next.replaced();
    next.frame();
    next.sampled();
    expect(next.requests()).toEqual([]);
    next.frames(33);
    next.sampled();
    expect(next.requests()).toEqual(['rest']);
  });

  test('a stream whose frames become rare does not rest any more', () => {
    const video = resting();
    video.clock.advance(NEAR_MS - leadMs);
    video.frames(maxFrameGapMs + 1);
    video.sampled();
    expect(video.requests()).toEqual(['rest', 'read']);
  });

  test('a screen does not rest', () => {
    const video = readAt(33);
    video.replaced({ isScreen: true });
    video.frames(33);
    video.rate(NEAR_MS);
    video.sampled();
    expect(video.requests()).toEqual([]);
  });

  test('a stream pauses in place of a rest if the samples are far apart', () => {
    const video = flowing({ minIntervalMs: NEAR_MS });
    video.frames(33);
    video.rate(NEAR_MS);
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
    expect(paused().requests()).toEqual(['pause']);
  });
});

describe('a stream at rest', () => {
  test.each([
    ['a frame is needed', (video) => video.needed()],
    ['samples come at another rate', (video) => video.rate(FAR_MS)],
    ['samples come at no rate', (video) => video.rate(null)],
    ['a consumer needs every frame', (video) => video.hold()],
    ['the application takes frames', (video) => video.actor.send({ type: 'flow.wanted' })],
    ['it is replaced', (video) => video.replaced()],
  ] as [string, (video: ReturnType<typeof resting>) => void][])(
    'a stream at rest is read at once when %s',
    (_, wake) => {
      const video = resting();
      wake(video);
      expect(video.requests()).toEqual(['rest', 'read']);
    },
  );

  test('a stream does not rest while a consumer needs every frame', () => {
    const video = resting();
    video.hold();
    video.sampled();
    expect(video.requests()).toEqual(['rest', 'read']);
    video.release();
    video.sampled();
    expect(video.requests()).toEqual(['rest', 'read', 'rest']);
  });

  test('a stream rests again after an extra sample, until the regular one', () => {
    const video = resting();
    video.clock.advance(NEAR_MS / 2);
    video.needed();
    video.done();
    expect(video.requests()).toEqual(['rest', 'read', 'rest']);
    video.clock.advance(NEAR_MS / 2 - leadMs);
    expect(video.requests()).toEqual(['rest', 'read', 'rest', 'read']);
  });
});
