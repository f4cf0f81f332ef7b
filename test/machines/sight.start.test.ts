import { describe, expect, test } from 'vitest';
import { sightMachine } from '../../src/machines/sight.machine.ts';
import { sightInput } from '../support/machines/inputs.ts';
import { screenA } from '../support/machines/simulated-room.ts';
import { seeing } from '../support/machines/simulated-sight.ts';
import { begin } from '../support/paths.ts';

test('eyes are blind before anything was told, and closed where video is off', () => {
  expect(begin(sightMachine, sightInput)[0].value).toBe('blind');
  expect(begin(sightMachine, { ...sightInput, mode: 'off' })[0].value).toBe('closed');
});

describe('a stream that is opened', () => {
  test('is not paused for a late frame of the one before', () => {
    const sight = seeing();
    sight.publish(screenA);
    expect(sight.inside().replacement.value).toBe('closing');
    sight.stream('stream.frame');
    expect(sight.inside().pause.value.video).toBe('flowing');
    sight.stream('stream.closed');
    expect(sight.inside().replacement.value).toBe('opening');
    expect(sight.inside().pause.value.video).toBe('starting');
  });
});
