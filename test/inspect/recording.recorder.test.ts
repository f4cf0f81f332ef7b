import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActor } from 'xstate';
import { createRecorder, readRecording } from '../../src/inspect/recording.ts';
import { lamp } from '../support/inspect.ts';
import { takeWarnings } from '../support/warnings.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-recorder-'));
  file = join(dir, 'run.jsonl');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 5000 });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true });
});

/** An inspection event that cannot be read. */
const hostile = {
  type: '@xstate.event',
  get actorRef() {
    throw new Error('no access');
  },
} as never;

const figures = async () =>
  (await readRecording(file)).events.flatMap((event) =>
    event.type === '@sightline.metrics' ? event.metrics : [],
  );

test('a recording has the figures of each second and of its end', async () => {
  const recorder = createRecorder(file, 'kiosk');
  let turns = 0;
  recorder.metrics(() => ({ turns }));
  vi.advanceTimersByTime(999);
  turns = 1;
  vi.advanceTimersByTime(1);
  turns = 2;
  vi.advanceTimersByTime(1000);
  turns = 3;
  await recorder.close();
  expect(await figures()).toEqual([{ turns: 1 }, { turns: 2 }, { turns: 3 }]);
  const { header, complete } = await readRecording(file);
  expect(header).toEqual({
    ...{ format: 'sightline-recording', version: 1, name: 'kiosk', startedAt: 5000 },
  });
  expect(complete).toBe(true);
});

test('a recording with figures does not keep the process alive', async () => {
  vi.useRealTimers();
  const recorder = createRecorder(file);
  // Only timers that keep the process alive are active resources.
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  recorder.metrics(() => ({}));
  expect(timers()).toBe(before);
  await recorder.close();
});

test('the figures of another source replace those before', async () => {
  const recorder = createRecorder(file);
  recorder.metrics(() => ({ from: 'first' }));
  recorder.metrics(() => ({ from: 'second' }));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  await recorder.close();
  expect(await figures()).toEqual([{ from: 'second' }, { from: 'second' }]);
});

test('events and figures that cannot be read are counted, and the recording is incomplete', async () => {
  const recorder = createRecorder(file);
  const actor = createActor(lamp, { inspect: recorder.inspect }).start();
  recorder.inspect(hostile);
  recorder.metrics(() => {
    throw new Error('no figures');
  });
  vi.advanceTimersByTime(1000);
  expect(recorder.dropped).toBe(2);
  actor.send({ type: 'press' });
  actor.stop();
  await recorder.close();
  const { events, complete } = await readRecording(file);
  expect(events.filter(({ type }) => type === '@xstate.snapshot').length).toBeGreaterThan(1);
  expect(complete).toBe(false);
  expect(await readFile(file, 'utf8')).toContain('"dropped":3}');
});

test('a recording that is closed takes nothing more, and can be closed again', async () => {
  const recorder = createRecorder(file);
  await recorder.close();
  const before = await readFile(file, 'utf8');
  const actor = createActor(lamp, { inspect: recorder.inspect }).start();
  actor.send({ type: 'press' });
  actor.stop();
  await recorder.close();
  expect(await readFile(file, 'utf8')).toBe(before);
  expect([recorder.dropped, recorder.failure]).toEqual([0, undefined]);
});

test('a recording that failed counts its events, reads no figures, and fails each close', async () => {
  const recorder = createRecorder(join(dir, 'none', 'run.jsonl'));
  recorder.metrics(() => ({}));
  while (!recorder.failure) await new Promise(setImmediate);
  expect(vi.getTimerCount()).toBe(0);
  const read = vi.fn(() => ({}));
  recorder.metrics(read);
  expect(vi.getTimerCount()).toBe(0);
  const actor = createActor(lamp, { inspect: recorder.inspect }).start();
  const { dropped } = recorder;
  expect(dropped).toBeGreaterThan(0);
  actor.send({ type: 'press' });
  expect(recorder.dropped).toBeGreaterThan(dropped);
  actor.stop();
  await expect(recorder.close()).rejects.toThrow('ENOENT');
  await expect(recorder.close()).rejects.toThrow('ENOENT');
  expect(read).not.toHaveBeenCalled();
  expect(await takeWarnings()).toHaveLength(1);
});
