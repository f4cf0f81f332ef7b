import { expect, test } from 'vitest';
import { idlePauseMachine } from '../../src/machines/idle-pause.machine.ts';
import { idlePauseInput } from '../support/machines/inputs.ts';
import { record } from '../support/machines/recorded.ts';

/** Video that was paused, and is switched on again. */
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

test('another stream is not paused before its first frame, where one is being switched on', () => {
  const { actor, reports } = waking();
  actor.send({ type: 'stream.replaced' });
  actor.send({ type: 'sample.done' });
  expect(actor.getSnapshot().value.video).toBe('starting');
  expect(reports).toHaveLength(2);
});

test('another stream is not paused before its first frame, where pauses were given up', () => {
  const { actor, clock } = waking();
  clock.advance(idlePauseInput.wakeTimeoutMs);
  expect(actor.getSnapshot().value.video).toBe('keeping');
  actor.send({ type: 'stream.replaced' });
  actor.send({ type: 'sample.done' });
  expect(actor.getSnapshot().value.video).toBe('starting');
});
