import { describe, expect, test } from 'vitest';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import type { PushOutcome } from '../../src/machines/frame-sampling.types.ts';
import { newestFrame, samplingInput } from '../support/machines/inputs.ts';
import { simulatedSampling } from '../support/machines/simulated-sampling.ts';
import { Coverage, eventsOf, type PathEvent } from '../support/paths.ts';

describe('paths', () => {
  test('every state is entered and every transition is taken', () => {
    const { done, failed } = eventsOf(frameSamplingMachine);
    const events: PathEvent<typeof frameSamplingMachine>[] = [
      { type: 'mode.set', mode: 'off' },
      { type: 'mode.set', mode: 'onDemand' },
      { type: 'mode.set', mode: 'sampled' },
      { type: 'sink.changed', sink: 'none' },
      { type: 'sink.changed', sink: 'model' },
      { type: 'user.speaking' },
      { type: 'user.silent' },
      { type: 'sample.due' },
      { type: 'sample.due', byRate: true },
      { type: 'sample.awaited' },
      { type: 'sampler.failed', error: 'it threw' },
      done('sample.capturing', { frameId: 7 }),
      done('sample.capturing', null),
      failed('sample.capturing', 'a broken frame'),
      done('sample.missing', newestFrame),
      failed('sample.missing', 'the stream ended'),
      done('sample.pushing', { result: 'sent' }),
      done('sample.pushing', { result: 'overtaken' }),
      done('sample.pushing', { result: 'restarting' }),
      failed('sample.pushing', 'the socket broke'),
    ];
    const coverage = new Coverage(frameSamplingMachine);
    for (const mode of ['off', 'onDemand', 'sampled'] as const)
      coverage.explore({ input: { ...samplingInput, mode }, events });
    coverage.explore({ input: { ...samplingInput, sink: 'none' }, events });
    console.info(coverage.summary());
    expect(coverage.missed()).toEqual([]);
  });
});

describe('the mode', () => {
  test.each([
    ['off', 'off', 0],
    ['onDemand', 'onDemand', 0],
    ['sampled', { sampled: 'idle' }, 1],
  ] as const)('the mode %s can be the first one', (mode, state, samplers) => {
    const sampling = simulatedSampling({ mode });
    expect(sampling.value()).toMatchObject({ mode: state, sample: 'free' });
    expect(sampling.running.size).toBe(samplers);
  });

  test('each mode can follow each other mode, and only sampled runs the sampler', () => {
    const sampling = simulatedSampling({ mode: 'off' });
    const visits = ['onDemand', 'sampled', 'onDemand', 'off', 'sampled', 'off'] as const;
    for (const mode of visits) {
      sampling.mode(mode);
      expect(sampling.context().mode).toBe(mode);
      expect(sampling.running.size).toBe(mode === 'sampled' ? 1 : 0);
    }
  });

  test('the mode off takes no sample, neither at a rate nor when the user speaks', () => {
    const sampling = simulatedSampling({ mode: 'off' });
    sampling.speak();
    sampling.fallSilent();
    expect(sampling.captures).toHaveLength(0);
  });

  test('the mode onDemand takes one sample each time the user starts to speak', async () => {
    const sampling = simulatedSampling({ mode: 'onDemand' });
    sampling.speak();
    expect(sampling.captures).toHaveLength(1);
    await sampling.captured(1);
    await sampling.pushed('sent');
    sampling.fallSilent();
    expect(sampling.captures).toHaveLength(1);
    sampling.speak();
    expect(sampling.captures).toHaveLength(2);
    expect(sampling.skips()).toEqual([]);
  });

  test('the mode sampled starts at the fast rate if the user already speaks', () => {
    const sampling = simulatedSampling({ mode: 'off' });
    sampling.speak();
    sampling.mode('sampled');
    expect(sampling.value()).toMatchObject({ mode: { sampled: 'speaking' } });
    expect(sampling.samplers).toEqual(['speaking']);
  });
});

describe('speech', () => {
  test('the sampler restarts at once with the other rate when the user starts or stops speaking', () => {
    const sampling = simulatedSampling();
    expect(sampling.samplers).toEqual(['silent']);
    sampling.speak();
    expect(sampling.samplers).toEqual(['silent', 'speaking']);
    expect([...sampling.running.keys()]).toEqual([2]);
    sampling.fallSilent();
    expect(sampling.samplers).toEqual(['silent', 'speaking', 'silent']);
    expect([...sampling.running.keys()]).toEqual([3]);
  });

  test('the sampler does not restart while speech continues', () => {
    const sampling = simulatedSampling();
    sampling.speak();
    sampling.speak();
    expect(sampling.samplers).toEqual(['silent', 'speaking']);
  });

  test('speech does not disturb the current sample', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.speak();
    await sampling.captured(1);
    await sampling.pushed('sent');
    expect(sampling.context()).toMatchObject({ sampled: 1, sent: 1, skipped: {} });
  });
});

describe('a sample', () => {
  test('a sample takes the newest frame, pushes it, and counts it as sent', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    await sampling.captured(41);
    expect(sampling.value()).toMatchObject({ sample: 'pushing' });
    expect(sampling.pushes[0]?.frameId).toBe(41);
    expect(sampling.context()).toMatchObject({ frameId: 41, sampled: 1, sent: 0 });
    await sampling.pushed('sent');
    expect(sampling.value()).toMatchObject({ sample: 'free' });
    expect(sampling.context()).toMatchObject({ frameId: null, sampled: 1, sent: 1, skipped: {} });
    expect(sampling.told()).toEqual([{ type: 'sample.sent', frameId: 41 }]);
  });

  test('a sample requests frames of its own source only', async () => {
    const sampling = simulatedSampling({ sourceId: 'user/screen' });
    sampling.due();
    await sampling.captured(41);
    await sampling.pushed('sent');
    sampling.speak();
    sampling.await();
    await sampling.frameCame(42);
    expect([...sampling.askedFor]).toEqual(['user/screen']);
  });

  test('a sample at a rate reports the time until the next one, even if it is skipped', () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.due();
    expect(sampling.skips()).toEqual(['busy']);
    expect(sampling.ticks()).toBe(2);
    sampling.actor.send({ type: 'sample.due' });
    expect(sampling.ticks()).toBe(2);
    sampling.mode('onDemand');
    sampling.actor.send({ type: 'sample.due', byRate: true });
    expect(sampling.ticks()).toBe(2);
  });

  test('a sample that is due during another one is skipped, and the other one goes on', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    sampling.due();
    await sampling.captured(1);
    sampling.due();
    expect(sampling.told()).toEqual([
      { type: 'sample.skipped', frameId: null, reason: 'busy' },
      { type: 'sample.skipped', frameId: null, reason: 'busy' },
    ]);
    await sampling.pushed('sent');
    expect(sampling.context()).toMatchObject({ sampled: 1, sent: 1, skipped: { busy: 2 } });
    expect(sampling.captures).toHaveLength(1);
  });

  test('a sample without a new frame is skipped and pushes nothing', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(null);
    expect(sampling.told()).toEqual([
      { type: 'sample.skipped', frameId: null, reason: 'no-frame' },
    ]);
    expect(sampling.pushes).toHaveLength(0);
    expect(sampling.context()).toMatchObject({ sampled: 0, skipped: { 'no-frame': 1 } });
  });

  test('a sample whose frame cannot be encoded is skipped, and the next one works', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.notCaptured();
    expect(sampling.skips()).toEqual(['encode-failed']);
    sampling.due();
    await sampling.captured(2);
    await sampling.pushed('sent');
    expect(sampling.context()).toMatchObject({ sent: 1, skipped: { 'encode-failed': 1 } });
  });

  test('a sample whose push throws is skipped, and the next one works', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    await sampling.notPushed();
    expect(sampling.told()).toEqual([
      { type: 'sample.skipped', frameId: 1, reason: 'push-failed' },
    ]);
    sampling.due();
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
  });

  test('an overtaken sample is skipped, and the newest frame is taken instead', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    await sampling.pushed('overtaken');
    expect(sampling.value()).toMatchObject({ sample: 'capturing' });
    expect(sampling.captures).toHaveLength(2);
    expect(sampling.context()).toMatchObject({ frameId: null, skipped: { overtaken: 1 } });
    await sampling.captured(2);
    await sampling.pushed('sent');
    expect(sampling.told()).toEqual([
      { type: 'sample.skipped', frameId: 1, reason: 'overtaken' },
      { type: 'sample.sent', frameId: 2 },
    ]);
    expect(sampling.context()).toMatchObject({ sampled: 2, sent: 1 });
    expect(sampling.value()).toMatchObject({ sample: 'free' });
    // No extra tick: the rate does not change.
    expect(sampling.ticks()).toBe(1);
  });

  test('an overtaken sample whose track ended waits for the next frame', async () => {
    const sampling = simulatedSampling();
    sampling.due();
    await sampling.captured(1);
    await sampling.pushed('overtaken');
    await sampling.captured(null);
    expect(sampling.value()).toMatchObject({ sample: 'missing' });
    expect(sampling.skips()).toEqual(['overtaken', 'no-frame']);
    await sampling.frameCame(2);
    expect(sampling.captures).toHaveLength(3);
  });

  const refusals: PushOutcome['result'][] = [
    'not-connected',
    'restarting',
    'closed',
    'backpressure',
    'tool-pending',
  ];
  test.each(refusals)(
    'a sample that the model refuses as %s is counted under that reason',
    async (reason) => {
      const sampling = simulatedSampling();
      for (const frameId of [1, 2]) {
        sampling.due();
        await sampling.captured(frameId);
        await sampling.pushed(reason);
      }
      expect(sampling.told()).toEqual([
        { type: 'sample.skipped', frameId: 1, reason },
        { type: 'sample.skipped', frameId: 2, reason },
      ]);
      expect(sampling.context()).toMatchObject({ sampled: 2, sent: 0, skipped: { [reason]: 2 } });
      expect(sampling.context().frameId).toBeNull();
    },
  );
});

describe('a sampler that fails', () => {
  test('a sampler that throws is counted and reported, and sampling continues', async () => {
    const sampling = simulatedSampling();
    sampling.fromSampler({ type: 'sampler.failed', error: 'it threw' });
    expect(sampling.context().samplerErrors).toBe(1);
    expect(sampling.told()).toEqual([{ type: 'sampler.failed', error: 'it threw' }]);
    sampling.due();
    await sampling.captured(1);
    sampling.fromSampler({ type: 'sampler.failed', error: 'it threw again' });
    expect(sampling.context().samplerErrors).toBe(2);
    expect(sampling.value()).toMatchObject({ sample: 'pushing' });
  });
});

describe('a model that takes no frames between turns', () => {
  test('a model that takes no frames between turns gets no sample in any mode', () => {
    const sampling = simulatedSampling({ sink: 'none' });
    expect(sampling.value()).toMatchObject({ mode: { sampled: 'unused' } });
    for (const mode of ['sampled', 'onDemand', 'off', 'sampled'] as const) {
      sampling.mode(mode);
      sampling.speak();
      sampling.fallSilent();
    }
    expect(sampling.samplers).toEqual([]);
    expect(sampling.captures).toEqual([]);
  });
});
