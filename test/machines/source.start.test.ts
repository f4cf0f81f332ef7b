import { describe, expect, test } from 'vitest';
import { sourceMachine } from '../../src/machines/source.machine.ts';
import { sourceInput } from '../support/machines/inputs.ts';
import { track } from '../support/machines/simulated-room.ts';
import { seeing } from '../support/machines/simulated-source.ts';
import { begin } from '../support/paths.ts';

test('a source is blind before anything is known, and closed if video is off', () => {
  expect(begin(sourceMachine, sourceInput)[0].value).toBe('blind');
  expect(begin(sourceMachine, { ...sourceInput, mode: 'off' })[0].value).toBe('closed');
});

describe('a stream that is opened', () => {
  test('a stream that is opened is not paused for a late frame of the one before', () => {
    const source = seeing();
    source.publish(track('camera 2'));
    expect(source.inside().replacement.value).toBe('closing');
    source.stream('stream.frame');
    expect(source.inside().pause.value.video).toBe('flowing');
    source.stream('stream.closed');
    expect(source.inside().replacement.value).toBe('opening');
    expect(source.inside().pause.value.video).toBe('starting');
  });
});
