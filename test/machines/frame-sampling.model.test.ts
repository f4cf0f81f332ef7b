import { describe, expect, test } from 'vitest';
import { samplingInput } from '../support/machines/inputs.ts';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';

const { speakingMs, silentMs } = samplingInput.intervals;

describe('a hand-off to another model', () => {
  test('a model that takes no frames stops the sampler, and there is no rate', () => {
    const sampling = simulatedSampling();
    sampling.actor.send({ type: 'sink.changed', sink: 'none' });
    expect(sampling.value()).toMatchObject({ mode: { sampled: 'unused' } });
    expect(sampling.running.size).toBe(0);
    expect(sampling.rates()).toEqual([silentMs, null]);
    sampling.speak();
    expect(sampling.rates()).toEqual([silentMs, null]);
    expect(sampling.context().sink).toBe('none');
  });

  test('a model that takes frames gets them at the rate for a user who already speaks', () => {
    const sampling = simulatedSampling({ sink: 'none' });
    sampling.speak();
    sampling.actor.send({ type: 'sink.changed', sink: 'model' });
    expect(sampling.value()).toMatchObject({ mode: { sampled: 'speaking' } });
    expect(sampling.samplers).toEqual(['speaking']);
    expect(sampling.rates()).toEqual([null, speakingMs]);
  });

  test.each(['off', 'onDemand'] as const)('a change of the model keeps the mode %s', (mode) => {
    const sampling = simulatedSampling({ mode, sink: 'none' });
    sampling.actor.send({ type: 'sink.changed', sink: 'model' });
    expect(sampling.value()).toMatchObject({ mode });
    sampling.speak();
    expect(sampling.captures).toHaveLength(mode === 'onDemand' ? 1 : 0);
  });
});
