import { describe, expect, test } from 'vitest';
import { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { FAR_MS, flowing, paused } from '../support/machines/simulated-pause.ts';
import { Coverage, eventsOf } from '../support/paths.ts';

const {
  leadMs: { longest: leadMs, shortest: shortestLeadMs },
  minIntervalMs,
} = idlePauseInput;

test('every state is entered and every transition is taken', () => {
  const { elapsed } = eventsOf(idlePauseMachine);
  const coverage = new Coverage(idlePauseMachine);
  for (const isWanted of [true, false]) {
    coverage.explore({
      input: { ...idlePauseInput, isWanted },
      events: [
        { type: 'rate.changed', intervalMs: FAR_MS },
        { type: 'rate.changed', intervalMs: 1_000 },
        { type: 'rate.tick' },
        { type: 'sample.done' },
        { type: 'frame.needed' },
        { type: 'stream.frame' },
        { type: 'stream.frame', gapMs: 33 },
        { type: 'stream.replaced', isScreen: false },
        { type: 'stream.replaced', isScreen: true },
        { type: 'flow.held' },
        { type: 'flow.released' },
        { type: 'flow.wanted' },
        elapsed('untilWake', 'nextSample.far'),
        elapsed('wakeTimeout', 'video.waking'),
      ],
      key: ({ context: { intervalMs, holds, isScreen, frameGapMs } }) => [
        intervalMs,
        frameGapMs,
        Math.sign(holds),
        isScreen,
      ],
    });
  }
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a video between two samples', () => {
  test('a video is paused between distant samples, and resumed shortly before the next one', () => {
    const video = paused();
    video.clock.advance(FAR_MS - leadMs - 1);
    expect(video.requests()).toEqual(['pause']);
    video.clock.advance(1);
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('waking');
    video.frame();
    expect(video.value()).toBe('flowing');
    expect(video.context()).toMatchObject({ pauses: 1, failedWakes: 0 });
  });

  test('a video is paused if the interval is at least the shortest one that is worth a pause', () => {
    const video = flowing();
    video.sampled();
    video.rate(minIntervalMs - 1);
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.rate(minIntervalMs);
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('a video is not paused if no rate is known or pauses are not wanted', () => {
    const unknown = flowing();
    unknown.rate(null);
    unknown.sampled();
    const unwanted = flowing({ isWanted: false });
    unwanted.rate(FAR_MS);
    unwanted.sampled();
    unwanted.replaced();
    unwanted.sampled();
    expect([...unknown.requests(), ...unwanted.requests()]).toEqual([]);
    expect(unwanted.value()).toBe('starting');
  });
});

describe('a screen', () => {
  test('a screen is never paused, since it may send no frame after the pause', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.replaced({ isScreen: true });
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual([]);
    expect(video.value()).toBe('keeping');
  });

  test('a camera that replaces a screen is paused again', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.replaced({ isScreen: true });
    video.replaced({ isScreen: false });
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('a screen that replaces a paused camera gets its video', () => {
    const video = paused();
    video.replaced({ isScreen: true });
    expect(video.requests()).toEqual(['pause', 'resume']);
    expect(video.value()).toBe('keeping');
  });
});

describe('a sample that takes its time', () => {
  test('a slow sample does not delay the resume for the next one', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.tick();
    video.clock.advance(3_000);
    video.done();
    expect(video.value()).toBe('paused');
    video.clock.advance(FAR_MS - 3_000 - leadMs - 1);
    expect(video.value()).toBe('paused');
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('a sample that ends close to the next one is followed by no pause', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.tick();
    video.clock.advance(FAR_MS - leadMs);
    video.done();
    expect(video.requests()).toEqual([]);
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('an extra sample between two regular ones does not move the resume', () => {
    const video = paused();
    video.clock.advance(FAR_MS / 2);
    video.needed();
    video.frame();
    video.done();
    expect(video.requests()).toEqual(['pause', 'resume', 'pause']);
    video.clock.advance(FAR_MS / 2 - shortestLeadMs - 1);
    video.clock.advance(1);
    expect(video.value()).toBe('waking');
  });

  test('a sample is followed by no pause while the time of the next one is unknown', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.done();
    expect(video.requests()).toEqual([]);
    video.tick();
    video.rate(2 * FAR_MS);
    video.done();
    expect(video.requests()).toEqual([]);
  });
});

describe('a caller that needs every frame', () => {
  test('a video is not paused until the last caller that needs every frame is gone', () => {
    const video = flowing();
    video.rate(FAR_MS);
    video.hold();
    video.hold();
    video.sampled();
    video.release();
    video.sampled();
    expect(video.requests()).toEqual([]);
    video.release();
    video.sampled();
    expect(video.requests()).toEqual(['pause']);
  });

  test('a paused video is resumed at once for a caller that needs every frame, also on another stream', () => {
    const video = paused();
    video.hold();
    expect(video.value()).toBe('waking');
    video.replaced();
    video.frame();
    video.sampled();
    expect(video.requests()).toEqual(['pause', 'resume']);
  });
});
