import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { ModelLife } from '../../src/models/model-life.ts';

const LOST = { reason: 'lost', wasAnswering: false, isFinal: false };

test('the end of each wait for a connection removes its listener from the signal of the caller', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const { signal } = new AbortController();
  life.failed(LOST);
  const waits = [life.up(signal), life.up(signal), life.nextDrop(life.drops, signal)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(3);
  life.opened();
  life.failed(LOST);
  expect(await Promise.all(waits)).toEqual([true, true, true]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a caller that aborts ends its own wait for a connection only', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const [impatient, patient] = [new AbortController(), new AbortController()];
  life.failed(LOST);
  const [short, long] = [life.up(impatient.signal), life.up(patient.signal)];
  impatient.abort();
  expect(await short).toBe(false);
  life.opened();
  expect(await long).toBe(true);
});

test('the end of a session ends the pause before the next attempt', async () => {
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const paused = life.pause(2 ** 30);
  life.end();
  await paused;
  expect(await life.up()).toBe(false);
});
