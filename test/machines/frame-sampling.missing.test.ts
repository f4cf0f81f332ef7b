import { describe, expect, test } from 'vitest';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';

/** A sample was due, but there was no new frame. */
async function missing() {
  const sampling = simulatedSampling();
  sampling.due();
  await sampling.captured(null);
  expect(sampling.value()).toMatchObject({ sample: 'missing' });
  return sampling;
}

describe('a sample without a new frame', () => {
  test('a sample without a frame takes the next frame as soon as it arrives', async () => {
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

  test('a sample without a frame tries again when the next sample is due', async () => {
    const sampling = await missing();
    sampling.due();
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    await sampling.captured(7);
    await sampling.pushed('sent');
    expect(sampling.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 7 });
    await sampling.frameCame(8);
    expect(sampling.captures).toHaveLength(2);
  });

  test('a sample is given up if no frame can come, and the next one works', async () => {
    const sampling = await missing();
    await sampling.noFrameComes();
    expect(sampling.value()).toMatchObject({ sample: 'free' });
    sampling.due();
    expect(sampling.captures).toHaveLength(2);
  });

  test('a sample without a frame is given up when video goes off, and a late frame is not taken', async () => {
    const sampling = await missing();
    sampling.mode('off');
    await sampling.frameCame(8);
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.captures).toHaveLength(1);
    expect(sampling.skips()).toEqual(['no-frame']);
  });

  test('a sample still waits for a frame after the user starts to speak and the mode becomes onDemand', async () => {
    const sampling = await missing();
    sampling.speak();
    sampling.mode('onDemand');
    await sampling.frameCame(8);
    expect(sampling.captures).toHaveLength(2);
  });
});

describe('a sample that is awaited', () => {
  test('an awaited sample takes the next frame, not the current one', async () => {
    const sampling = simulatedSampling();
    sampling.await();
    expect(sampling.captures).toHaveLength(0);
    await sampling.frameCame(8);
    await sampling.captured(8);
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([{ type: 'sample.sent', frameId: 8 }]);
  });

  test('no sample is awaited while video is off', () => {
    const sampling = simulatedSampling();
    sampling.mode('off');
    sampling.await();
    expect(sampling.value()).toMatchObject({ sample: 'free' });
  });
});
