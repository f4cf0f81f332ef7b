import { describe, expect, test } from 'vitest';
import { samplingInput } from '../support/machines/inputs.ts';
import { simulatedEyes } from '../support/machines/simulated-eyes.ts';

const { speakingMs, silentMs } = samplingInput.intervals;

describe('video that goes off', () => {
  test('keeps the frame that is being encoded here', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.mode('off');
    expect(eyes.told()).toEqual([{ type: 'sample.skipped', frameId: null, reason: 'off' }]);
    await eyes.captured(1);
    expect(eyes.pushes).toHaveLength(0);
    expect(eyes.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(eyes.context()).toMatchObject({ sampled: 0, sent: 0, frameId: null });
  });

  test('takes the frame that is on its way out of the count of those that were sent', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    await eyes.captured(1);
    eyes.mode('off');
    await eyes.pushed('sent');
    expect(eyes.told()).toEqual([{ type: 'sample.skipped', frameId: 1, reason: 'off' }]);
    expect(eyes.context()).toMatchObject({ sampled: 1, sent: 0, frameId: null });
  });

  test('takes no sample that is asked for', () => {
    const eyes = simulatedEyes({ mode: 'off' });
    eyes.actor.send({ type: 'sample.due' });
    expect(eyes.captures).toHaveLength(0);
    expect(eyes.told()).toEqual([]);
  });

  test('samples again when it comes on', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.mode('off');
    eyes.mode('sampled');
    eyes.due();
    await eyes.captured(2);
    await eyes.pushed('sent');
    expect(eyes.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 2 });
  });

  test('between two modes that see does not disturb the sample that is under way', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.mode('onDemand');
    await eyes.captured(1);
    eyes.mode('sampled');
    await eyes.pushed('sent');
    expect(eyes.told()).toEqual([{ type: 'sample.sent', frameId: 1 }]);
  });
});

describe('a sample that is asked for', () => {
  test.each(['onDemand', 'sampled'] as const)('is taken at once, %s', (mode) => {
    const eyes = simulatedEyes({ mode });
    eyes.actor.send({ type: 'sample.due' });
    expect(eyes.value()).toMatchObject({ sample: 'capturing' });
  });
});

describe('the rate', () => {
  test('is told from the start, and with each change of the user', () => {
    const eyes = simulatedEyes();
    eyes.speak();
    eyes.fallSilent();
    expect(eyes.rates()).toEqual([silentMs, speakingMs, silentMs]);
  });

  test('is none where samples are not taken at a rate', () => {
    const eyes = simulatedEyes();
    eyes.mode('onDemand');
    eyes.speak();
    eyes.mode('off');
    eyes.mode('sampled');
    expect(eyes.rates()).toEqual([silentMs, null, null, speakingMs]);
    const withoutModel = simulatedEyes({ sink: 'none' });
    withoutModel.speak();
    expect(withoutModel.rates()).toEqual([null]);
  });

  test('is none where a custom sampler decides', () => {
    const eyes = simulatedEyes({ intervals: { speakingMs: null, silentMs: null } });
    eyes.speak();
    expect(eyes.rates()).toEqual([null, null]);
  });

  test('is told once for speech that goes on', () => {
    const eyes = simulatedEyes();
    eyes.speak();
    eyes.speak();
    expect(eyes.rates()).toHaveLength(2);
  });
});
