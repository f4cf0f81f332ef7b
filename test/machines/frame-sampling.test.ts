import { describe, expect, test } from 'vitest';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import type { PushOutcome } from '../../src/machines/frame-sampling.types.ts';
import { newestFrame, samplingInput } from '../support/machines/inputs.ts';
import { simulatedEyes } from '../support/machines/simulated-eyes.ts';
import { Coverage, eventsOf, type PathEvent } from '../support/paths.ts';

describe('paths', () => {
  test('every state is entered and every transition is taken', () => {
    const { done, failed } = eventsOf(frameSamplingMachine);
    const events: PathEvent<typeof frameSamplingMachine>[] = [
      { type: 'mode.set', mode: 'off' },
      { type: 'mode.set', mode: 'onDemand' },
      { type: 'mode.set', mode: 'sampled' },
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
  ] as const)('%s of the options is the first one', (mode, state, samplers) => {
    const eyes = simulatedEyes({ mode });
    expect(eyes.value()).toMatchObject({ mode: state, sample: 'free' });
    expect(eyes.running.size).toBe(samplers);
  });

  test('goes from each one to each other one, and the sampler goes with it', () => {
    const eyes = simulatedEyes({ mode: 'off' });
    const visits = ['onDemand', 'sampled', 'onDemand', 'off', 'sampled', 'off'] as const;
    for (const mode of visits) {
      eyes.mode(mode);
      expect(eyes.context().mode).toBe(mode);
      expect(eyes.running.size).toBe(mode === 'sampled' ? 1 : 0);
    }
  });

  test('off takes no sample: not at a rate, not when the user speaks', () => {
    const eyes = simulatedEyes({ mode: 'off' });
    eyes.speak();
    eyes.fallSilent();
    expect(eyes.captures).toHaveLength(0);
  });

  test('onDemand takes one each time the user starts to speak', async () => {
    const eyes = simulatedEyes({ mode: 'onDemand' });
    eyes.speak();
    expect(eyes.captures).toHaveLength(1);
    await eyes.captured(1);
    await eyes.pushed('sent');
    eyes.fallSilent();
    expect(eyes.captures).toHaveLength(1);
    eyes.speak();
    expect(eyes.captures).toHaveLength(2);
    expect(eyes.skips()).toEqual([]);
  });

  test('sampled starts at the fast rate where the user speaks already', () => {
    const eyes = simulatedEyes({ mode: 'off' });
    eyes.speak();
    eyes.mode('sampled');
    expect(eyes.value()).toMatchObject({ mode: { sampled: 'speaking' } });
    expect(eyes.samplers).toEqual(['speaking']);
  });
});

describe('speech', () => {
  test('switches the rate at once: the sampler starts anew for the other state of the user', () => {
    const eyes = simulatedEyes();
    expect(eyes.samplers).toEqual(['silent']);
    eyes.speak();
    expect(eyes.samplers).toEqual(['silent', 'speaking']);
    expect([...eyes.running.keys()]).toEqual([2]);
    eyes.fallSilent();
    expect(eyes.samplers).toEqual(['silent', 'speaking', 'silent']);
    expect([...eyes.running.keys()]).toEqual([3]);
  });

  test('does not start the sampler anew when it goes on', () => {
    const eyes = simulatedEyes();
    eyes.speak();
    eyes.speak();
    expect(eyes.samplers).toEqual(['silent', 'speaking']);
  });

  test('does not disturb the sample that is under way', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.speak();
    await eyes.captured(1);
    await eyes.pushed('sent');
    expect(eyes.context()).toMatchObject({ sampled: 1, sent: 1, skipped: {} });
  });
});

describe('a sample', () => {
  test('takes the newest frame, pushes it, and is counted as sent', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    expect(eyes.value()).toMatchObject({ sample: 'capturing' });
    await eyes.captured(41);
    expect(eyes.value()).toMatchObject({ sample: 'pushing' });
    expect(eyes.pushes[0]?.frameId).toBe(41);
    expect(eyes.context()).toMatchObject({ frameId: 41, sampled: 1, sent: 0 });
    await eyes.pushed('sent');
    expect(eyes.value()).toMatchObject({ sample: 'free' });
    expect(eyes.context()).toMatchObject({ frameId: null, sampled: 1, sent: 1, skipped: {} });
    expect(eyes.told()).toEqual([{ type: 'sample.sent', frameId: 41 }]);
  });

  test('of the rate says that the next one is an interval away, also where it is skipped', () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.due();
    expect(eyes.skips()).toEqual(['busy']);
    expect(eyes.ticks()).toBe(2);
    eyes.actor.send({ type: 'sample.due' });
    expect(eyes.ticks()).toBe(2);
    eyes.mode('onDemand');
    eyes.actor.send({ type: 'sample.due', byRate: true });
    expect(eyes.ticks()).toBe(2);
  });

  test('that comes while another one is under way is skipped, and does not end that one', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    eyes.due();
    await eyes.captured(1);
    eyes.due();
    expect(eyes.told()).toEqual([
      { type: 'sample.skipped', frameId: null, reason: 'busy' },
      { type: 'sample.skipped', frameId: null, reason: 'busy' },
    ]);
    await eyes.pushed('sent');
    expect(eyes.context()).toMatchObject({ sampled: 1, sent: 1, skipped: { busy: 2 } });
    expect(eyes.captures).toHaveLength(1);
  });

  test('without a new frame is skipped and pushes nothing', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    await eyes.captured(null);
    expect(eyes.told()).toEqual([{ type: 'sample.skipped', frameId: null, reason: 'no-frame' }]);
    expect(eyes.pushes).toHaveLength(0);
    expect(eyes.context()).toMatchObject({ sampled: 0, skipped: { 'no-frame': 1 } });
  });

  test('whose frame cannot be encoded is skipped, and the next one goes on', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    await eyes.notCaptured();
    expect(eyes.skips()).toEqual(['encode-failed']);
    eyes.due();
    await eyes.captured(2);
    await eyes.pushed('sent');
    expect(eyes.context()).toMatchObject({ sent: 1, skipped: { 'encode-failed': 1 } });
  });

  test('whose push throws is skipped, and the next one goes on', async () => {
    const eyes = simulatedEyes();
    eyes.due();
    await eyes.captured(1);
    await eyes.notPushed();
    expect(eyes.told()).toEqual([{ type: 'sample.skipped', frameId: 1, reason: 'push-failed' }]);
    eyes.due();
    expect(eyes.value()).toMatchObject({ sample: 'capturing' });
  });

  const refusals: PushOutcome['result'][] = [
    'not-connected',
    'restarting',
    'closed',
    'backpressure',
    'tool-pending',
  ];
  test.each(refusals)('that the model refuses as %s is counted under that name', async (reason) => {
    const eyes = simulatedEyes();
    for (const frameId of [1, 2]) {
      eyes.due();
      await eyes.captured(frameId);
      await eyes.pushed(reason);
    }
    expect(eyes.told()).toEqual([
      { type: 'sample.skipped', frameId: 1, reason },
      { type: 'sample.skipped', frameId: 2, reason },
    ]);
    expect(eyes.context()).toMatchObject({ sampled: 2, sent: 0, skipped: { [reason]: 2 } });
    expect(eyes.context().frameId).toBeNull();
  });
});

describe('a sampler that fails', () => {
  test('is counted and reported, and its samples go on', async () => {
    const eyes = simulatedEyes();
    eyes.fromSampler({ type: 'sampler.failed', error: 'it threw' });
    expect(eyes.context().samplerErrors).toBe(1);
    expect(eyes.told()).toEqual([{ type: 'sampler.failed', error: 'it threw' }]);
    eyes.due();
    await eyes.captured(1);
    eyes.fromSampler({ type: 'sampler.failed', error: 'it threw again' });
    expect(eyes.context().samplerErrors).toBe(2);
    expect(eyes.value()).toMatchObject({ sample: 'pushing' });
  });
});

describe('a model that takes no frames between turns', () => {
  test('is never sent a sample, in no mode', () => {
    const eyes = simulatedEyes({ sink: 'none' });
    expect(eyes.value()).toMatchObject({ mode: { sampled: 'resting' } });
    for (const mode of ['sampled', 'onDemand', 'off', 'sampled'] as const) {
      eyes.mode(mode);
      eyes.speak();
      eyes.fallSilent();
    }
    expect(eyes.samplers).toEqual([]);
    expect(eyes.captures).toEqual([]);
  });
});
