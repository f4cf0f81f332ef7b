import { describe, expect, test } from 'vitest';
import { samplingInput } from './inputs.ts';
import { simulatedEyes } from './simulated-eyes.ts';

const { lookTimeoutMs } = samplingInput;

describe('a look', () => {
  test.each(['onDemand', 'sampled'] as const)('is answered by the next frame, %s', async (mode) => {
    const eyes = simulatedEyes({ mode, sink: 'none' });
    eyes.look(1);
    expect(eyes.value()).toMatchObject({ look: 'waiting' });
    expect(eyes.told()).toEqual([]);
    await eyes.frameCame(70);
    expect(eyes.told()).toEqual([{ type: 'look.answered', lookIds: [1], frameId: 70 }]);
    expect(eyes.value()).toMatchObject({ look: 'none' });
    expect(eyes.captures).toHaveLength(0);
  });

  test('shows the frame to a model that takes frames as well', async () => {
    const eyes = simulatedEyes({ mode: 'onDemand' });
    eyes.look(1);
    await eyes.frameCame(70);
    expect(eyes.value()).toMatchObject({ look: 'none', sample: 'capturing' });
    await eyes.captured(70);
    await eyes.pushed('sent');
    expect(eyes.told().map(({ type }) => type)).toEqual(['look.answered', 'sample.sent']);
  });

  test('is answered together with those that came while it waited', async () => {
    const eyes = simulatedEyes({ sink: 'none' });
    eyes.look(1);
    eyes.look(2);
    eyes.look(3);
    await eyes.frameCame(70);
    eyes.look(4);
    await eyes.frameCame(71);
    expect(eyes.told()).toEqual([
      { type: 'look.answered', lookIds: [1, 2, 3], frameId: 70 },
      { type: 'look.answered', lookIds: [4], frameId: 71 },
    ]);
    expect(eyes.context().looks).toEqual([]);
  });

  test('is refused while video is off', () => {
    const eyes = simulatedEyes({ mode: 'off' });
    eyes.look(1);
    expect(eyes.told()).toEqual([{ type: 'look.failed', lookIds: [1], reason: 'off' }]);
    expect(eyes.value()).toMatchObject({ look: 'none' });
    expect(eyes.context().looks).toEqual([]);
  });

  test('fails when video goes off, and a late frame answers nothing', async () => {
    const eyes = simulatedEyes();
    eyes.look(1);
    eyes.look(2);
    eyes.mode('off');
    await eyes.frameCame(70);
    expect(eyes.told()).toEqual([{ type: 'look.failed', lookIds: [1, 2], reason: 'off' }]);
    expect(eyes.value()).toMatchObject({ mode: 'off', look: 'none' });
  });

  test('goes on waiting when the mode changes between two that see', async () => {
    const eyes = simulatedEyes({ sink: 'none' });
    eyes.look(1);
    eyes.mode('onDemand');
    await eyes.frameCame(70);
    expect(eyes.told()).toEqual([{ type: 'look.answered', lookIds: [1], frameId: 70 }]);
  });

  test('fails after the limit, counted from the first one that waits', async () => {
    const eyes = simulatedEyes();
    eyes.look(1);
    await eyes.clock.advanceSettling(lookTimeoutMs - 1);
    eyes.look(2);
    expect(eyes.told()).toEqual([]);
    await eyes.clock.advanceSettling(1);
    expect(eyes.told()).toEqual([{ type: 'look.failed', lookIds: [1, 2], reason: 'timeout' }]);
    await eyes.frameCame(70);
    expect(eyes.told()).toHaveLength(1);
  });

  test('fails when no frame can come', async () => {
    const eyes = simulatedEyes();
    eyes.look(1);
    await eyes.noFrameComes();
    expect(eyes.told()).toEqual([{ type: 'look.failed', lookIds: [1], reason: 'timeout' }]);
  });
});
