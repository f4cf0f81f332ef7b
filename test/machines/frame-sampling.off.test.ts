import { describe, expect, test } from 'vitest';
import { samplingInput } from '../support/machines/inputs.ts';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';

const { speakingMs, silentMs } = samplingInput.intervals;

describe('video that goes off', () => {
  test('keeps the frame that is being encoded here', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.mode('off');
    expect(sampling.told()).toEqual([{ type: 'sample.skipped', frameId: null, reason: 'off' }]);
    await sampling.captured(1);
    expect(sampling.pushes).toHaveLength(0);
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.context()).toMatchObject({ sampled: 0, sent: 0, frameId: null });
  });

  test('takes the frame that is on its way out of the count of those that were sent', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    sampling.mode('off');
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([{ type: 'sample.skipped', frameId: 1, reason: 'off' }]);
    expect(sampling.context()).toMatchObject({ sampled: 1, sent: 0, frameId: null });
  });

  test('does not take the frame that overtook the one that was on its way', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    sampling.mode('off');
    await sampling.pushed('overtaken');
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.captures).toHaveLength(1);
    expect(sampling.skips()).toEqual(['off']);
  });

  test('takes no sample that is asked for', () => {
    const sampling = simulatedSampling({ mode: 'off' });
    sampling.actor.send({ type: 'sample.due' });
    expect(sampling.captures).toHaveLength(0);
    expect(sampling.told()).toEqual([]);
  });

  test('samples again when it comes on', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.mode('off');
    sampling.mode('sampled');
    sampling.due();
    await sampling.captured(2);
    await sampling.pushed('sent');
    expect(sampling.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 2 });
  });

  test('between two modes that see does not disturb the sample that is under way', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.mode('onDemand');
    await sampling.captured(1);
    sampling.mode('sampled');
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([{ type: 'sample.sent', frameId: 1 }]);
  });
});

describe('a sample that is asked for', () => {
  test.each(['onDemand', 'sampled'] as const)('is taken at once, %s', (mode) => {
    const sampling = simulatedSampling({ mode });
    sampling.actor.send({ type: 'sample.due' });
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
  });
});

describe('the rate', () => {
  test('is told from the start, and with each change of the user', () => {
    const sampling = simulatedSampling();
    sampling.speak();
    sampling.fallSilent();
    expect(sampling.rates()).toEqual([silentMs, speakingMs, silentMs]);
  });

  test('is none where samples are not taken at a rate', () => {
    const sampling = simulatedSampling();
    sampling.mode('onDemand');
    sampling.speak();
    sampling.mode('off');
    sampling.mode('sampled');
    expect(sampling.rates()).toEqual([silentMs, null, null, speakingMs]);
    const withoutModel = simulatedSampling({ sink: 'none' });
    withoutModel.speak();
    expect(withoutModel.rates()).toEqual([null]);
  });

  test('is none where a custom sampler decides', () => {
    const sampling = simulatedSampling({ intervals: { speakingMs: null, silentMs: null } });
    sampling.speak();
    expect(sampling.rates()).toEqual([null, null]);
  });

  test('is told once for speech that goes on', () => {
    const sampling = simulatedSampling();
    sampling.speak();
    sampling.speak();
    expect(sampling.rates()).toHaveLength(2);
  });
});
