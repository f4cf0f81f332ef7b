import { expect, test } from 'vitest';
import { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { record } from '../support/machines/recorded.ts';

/** A video that was paused and is being resumed. */
function waking() {
  const video = record(idlePauseMachine, idlePauseInput);
  const { actor } = video;
  actor.send({ type: 'stream.frame' });
  actor.send({ type: 'rate.changed', intervalMs: 10_000 });
  actor.send({ type: 'rate.tick' });
  actor.send({ type: 'sample.done' });
  actor.send({ type: 'frame.needed' });
  expect(actor.getSnapshot().value.video).toBe('waking');
  return video;
}

test('a stream that replaces one during its resume is not paused before its first frame', () => {
  const { actor, reports } = waking();
  actor.send({ type: 'stream.replaced', isScreen: false });
  actor.send({ type: 'sample.done' });
  expect(actor.getSnapshot().value.video).toBe('starting');
  expect(reports).toHaveLength(2);
});

test('a stream that replaces one whose pauses were given up is not paused before its first frame', () => {
  const { actor, clock } = waking();
  clock.advance(idlePauseInput.wakeTimeoutMs);
  expect(actor.getSnapshot().value.video).toBe('keeping');
  actor.send({ type: 'stream.replaced', isScreen: false });
  actor.send({ type: 'sample.done' });
  expect(actor.getSnapshot().value.video).toBe('starting');
});
