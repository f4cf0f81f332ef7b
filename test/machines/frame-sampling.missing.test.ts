import { describe, expect, test } from 'vitest';
import { simulatedEyes } from '../support/machines/simulated-eyes.ts';

/** A sample was due, and no new frame was there. */
async function missing() {
  const eyes = simulatedEyes();
  eyes.due();
  await eyes.captured(null);
  expect(eyes.value()).toMatchObject({ sample: 'missing' });
  return eyes;
}

describe('a sample without a new frame', () => {
  test('is made up for by the next frame that comes, at once', async () => {
    const eyes = await missing();
    expect(eyes.captures).toHaveLength(1);
    await eyes.frameCame(8);
    expect(eyes.value()).toMatchObject({ sample: 'capturing' });
    await eyes.captured(8);
    await eyes.pushed('sent');
    expect(eyes.told()).toEqual([
      { type: 'sample.skipped', frameId: null, reason: 'no-frame' },
      { type: 'sample.sent', frameId: 8 },
    ]);
    expect(eyes.value()).toMatchObject({ sample: 'free' });
  });

  test('is tried again when the next one is due: there may be a frame for it', async () => {
    const eyes = await missing();
    eyes.due();
    expect(eyes.value()).toMatchObject({ sample: 'capturing' });
    await eyes.captured(7);
    await eyes.pushed('sent');
    expect(eyes.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 7 });
    await eyes.frameCame(8);
    expect(eyes.captures).toHaveLength(2);
  });

  test('is given up where no frame can come, and the next one goes on', async () => {
    const eyes = await missing();
    await eyes.noFrameComes();
    expect(eyes.value()).toMatchObject({ sample: 'free' });
    eyes.due();
    expect(eyes.captures).toHaveLength(2);
  });

  test('is given up when video goes off: a late frame is not taken', async () => {
    const eyes = await missing();
    eyes.mode('off');
    await eyes.frameCame(8);
    expect(eyes.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(eyes.captures).toHaveLength(1);
    expect(eyes.skips()).toEqual(['no-frame']);
  });

  test('still waits when the user starts to speak, or the mode changes between two that see', async () => {
    const eyes = await missing();
    eyes.speak();
    eyes.mode('onDemand');
    await eyes.frameCame(8);
    expect(eyes.captures).toHaveLength(2);
  });
});

describe('a sample that is awaited', () => {
  test('is of the next frame, not of the one that is there', async () => {
    const eyes = simulatedEyes();
    eyes.await();
    expect(eyes.captures).toHaveLength(0);
    await eyes.frameCame(8);
    await eyes.captured(8);
    await eyes.pushed('sent');
    expect(eyes.told()).toEqual([{ type: 'sample.sent', frameId: 8 }]);
  });

  test('is not taken while video is off', () => {
    const eyes = simulatedEyes();
    eyes.mode('off');
    eyes.await();
    expect(eyes.value()).toMatchObject({ sample: 'free' });
  });
});
