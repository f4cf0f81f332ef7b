import { describe, expect, test } from 'vitest';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';

/** A sample was due, and no new frame was there. */
async function missing() {
  const sampling = simulatedSampling();
  sampling.due();
  await sampling.captured(null);
  expect(sampling.value()).toMatchObject({ sample: 'missing' });
  return sampling;
}

describe('a sample without a new frame', () => {
  test('is made up for by the next frame that comes, at once', async () => {
    const sampling = await missing();
    expect(sampling.captures).toHaveLength(1);
    await sampling.frameCame(8);
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    await sampling.captured(8);
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([
      { type: 'sample.skipped', frameId: null, reason: 'no-frame' },
      { type: 'sample.sent', frameId: 8 },
    ]);
    expect(sampling.value()).toMatchObject({ sample: 'free' });
  });

  test('is tried again when the next one is due: there may be a frame for it', async () => {
    const sampling = await missing();
    sampling.due();
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    await sampling.captured(7);
    await sampling.pushed('sent');
    expect(sampling.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 7 });
    await sampling.frameCame(8);
    expect(sampling.captures).toHaveLength(2);
  });

  test('is given up where no frame can come, and the next one goes on', async () => {
    const sampling = await missing();
    await sampling.noFrameComes();
    expect(sampling.value()).toMatchObject({ sample: 'free' });
    sampling.due();
    expect(sampling.captures).toHaveLength(2);
  });

  test('is given up when video goes off: a late frame is not taken', async () => {
    const sampling = await missing();
    sampling.mode('off');
    await sampling.frameCame(8);
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.captures).toHaveLength(1);
    expect(sampling.skips()).toEqual(['no-frame']);
  });

  test('still waits when the user starts to speak, or the mode changes between two that see', async () => {
    const sampling = await missing();
    sampling.speak();
    sampling.mode('onDemand');
    await sampling.frameCame(8);
    expect(sampling.captures).toHaveLength(2);
  });
});

describe('a sample that is awaited', () => {
  test('is of the next frame, not of the one that is there', async () => {
    const sampling = simulatedSampling();
    sampling.await();
    expect(sampling.captures).toHaveLength(0);
    await sampling.frameCame(8);
    await sampling.captured(8);
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([{ type: 'sample.sent', frameId: 8 }]);
  });

  test('is not taken while video is off', () => {
    const sampling = simulatedSampling();
    sampling.mode('off');
    sampling.await();
    expect(sampling.value()).toMatchObject({ sample: 'free' });
  });
});
