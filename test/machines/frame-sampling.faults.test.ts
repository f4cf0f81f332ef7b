import { expect, test } from 'vitest';
import type { InputFrom, SnapshotFrom } from 'xstate';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import { samplingInput } from '../support/machines/inputs.ts';
import { begin, eventsOf, type PathEvent, step } from '../support/paths.ts';

type Machine = typeof frameSamplingMachine;
const { done, failed } = eventsOf(frameSamplingMachine);

/** The state of the sample after these events. */
function sampleAfter(events: PathEvent<Machine>[], change: Partial<InputFrom<Machine>> = {}) {
  let [snapshot]: [SnapshotFrom<Machine>, ...unknown[]] = begin(frameSamplingMachine, {
    ...samplingInput,
    ...change,
  });
  for (const event of events) [snapshot] = step(frameSamplingMachine, snapshot, event);
  return snapshot.value.sample;
}

test('no frame is awaited while video is off', () => {
  expect(sampleAfter([{ type: 'sample.awaited' }], { mode: 'off' })).toBe('free');
  expect(sampleAfter([{ type: 'sample.awaited' }])).toBe('missing');
});

test('no other frame replaces one whose encoding or push fails', () => {
  const due = { type: 'sample.due' } as const;
  const broken = failed('sample.capturing', 'a broken frame');
  expect(sampleAfter([due, broken])).toBe('free');
  const captured = done('sample.capturing', { frameId: 7 });
  expect(sampleAfter([due, captured, failed('sample.pushing', 'it throws')])).toBe('free');
});
