import { describe, expect, test } from 'vitest';
import { samplingInput } from '../support/machines/inputs.ts';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';

const { speakingMs, silentMs } = samplingInput.intervals;

describe('video that goes off', () => {
  test('a frame that is being encoded when video goes off is not pushed', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.mode('off');
    expect(sampling.told()).toEqual([{ type: 'sample.skipped', frameId: null, reason: 'off' }]);
    await sampling.captured(1);
    expect(sampling.pushes).toHaveLength(0);
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.context()).toMatchObject({ sampled: 0, sent: 0, frameId: null });
  });

  test('a frame that is being pushed when video goes off does not count as sent', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    sampling.mode('off');
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([{ type: 'sample.skipped', frameId: 1, reason: 'off' }]);
    expect(sampling.context()).toMatchObject({ sampled: 1, sent: 0, frameId: null });
  });

  test('a newer frame does not replace an overtaken one after video goes off', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    sampling.mode('off');
    await sampling.pushed('overtaken');
    expect(sampling.value()).toMatchObject({ mode: 'off', sample: 'free' });
    expect(sampling.captures).toHaveLength(1);
    expect(sampling.skips()).toEqual(['off']);
  });

  test('a sample request is ignored while video is off', () => {
    const sampling = simulatedSampling({ mode: 'off' });
    sampling.actor.send({ type: 'sample.due' });
    expect(sampling.captures).toHaveLength(0);
    expect(sampling.told()).toEqual([]);
  });

  test('samples are taken again when video is switched on', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.mode('off');
    sampling.mode('sampled');
    sampling.due();
    await sampling.captured(2);
    await sampling.pushed('sent');
    expect(sampling.told().at(-1)).toEqual({ type: 'sample.sent', frameId: 2 });
  });

  test('a change between onDemand and sampled does not disturb the current sample', async () => {
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
  test.each(['onDemand', 'sampled'] as const)(
    'a requested sample is taken at once in the mode %s',
    (mode) => {
      const sampling = simulatedSampling({ mode });
      sampling.actor.send({ type: 'sample.due' });
      expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    },
  );
});

describe('the rate', () => {
  test('the rate is reported at the start and when the user starts or stops speaking', () => {
    const sampling = simulatedSampling();
    sampling.speak();
    sampling.fallSilent();
    expect(sampling.rates()).toEqual([silentMs, speakingMs, silentMs]);
  });

  test('there is no rate unless the mode is sampled and the model takes frames', () => {
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

  test('there is no rate if a custom sampler decides', () => {
    const sampling = simulatedSampling({ intervals: { speakingMs: null, silentMs: null } });
    sampling.speak();
    expect(sampling.rates()).toEqual([null, null]);
  });

  test('speech that continues does not report the rate again', () => {
    const sampling = simulatedSampling();
    sampling.speak();
    sampling.speak();
    expect(sampling.rates()).toHaveLength(2);
  });
});
