import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AnyStateMachine, createActor, StateMachine } from 'xstate';
import { OptionError } from '../../src/index.ts';
import { createRecorder, readRecording } from '../../src/inspect/index.ts';
import { replay } from '../../src/inspect/replay.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';
import * as exported from '../../src/machines/index.ts';
import { fileCamera } from '../support/camera.ts';
import { lamp } from '../support/inspect.ts';
import { endStages, liveStage, rejection, untilBlind, untilWatching } from '../support/loopback.ts';
import { takeWarnings } from '../support/warnings.ts';

const machines = Object.values<unknown>(exported).filter(
  (item): item is AnyStateMachine => item instanceof StateMachine,
);

let dir: string;
let file: string;
const camera = fileCamera();
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-inspect-'));
  file = join(dir, 'run.jsonl');
});
afterEach(endStages);
afterAll(() => rm(dir, { recursive: true }));

/** A session that gets video and a question, changes its source, is paused and ends. */
async function recordRun(): Promise<void> {
  const recorder = createRecorder(file, 'test');
  const stage = await liveStage(camera, { video: { inspect: recorder.inspect } });
  recorder.metrics(() => stage.video.metrics());
  await stage.show(4);
  await stage.type('What is it?');
  const { sid } = stage.publication;
  stage.video.pinSource('screen');
  await untilBlind(stage.video);
  stage.video.pinSource(null);
  await untilWatching(stage.video, sid);
  stage.video.setMode('off');
  await untilBlind(stage.video);
  stage.video.setMode('sampled');
  await untilWatching(stage.video, sid);
  await stage.show(5);
  await stage.hear('And now?');
  await stage.video.close();
  await recorder.close();
  expect(recorder.dropped).toBe(0);
}

describe('a recording of a real run', () => {
  let events: WireEvent[];
  beforeAll(async () => {
    await recordRun();
    const recording = await readRecording(file);
    expect(recording.header).toMatchObject({ format: 'sightline-recording', name: 'test' });
    expect(recording.refused).toBe(0);
    events = recording.events;
  });

  test('a recording replayed through the pure transition() reaches the same states', () => {
    const { steps, actors, unknown, differences } = replay(events, machines);
    console.log(`replayed ${steps} steps of ${actors.length} actors`);
    expect(differences).toEqual([]);
    expect(unknown).toEqual([]);
    const kinds = new Set(actors.map(({ machine }) => machine));
    for (const kind of [
      'session',
      'source',
      'trackDiscovery',
      'streamReplacement',
      'frameSampling',
      'turnCompletion',
      'idlePause',
    ])
      expect(kinds).toContain(kind);
    expect(steps).toBeGreaterThan(80);
  });

  test('a recording that was changed does not replay', () => {
    const index = events.findLastIndex(
      (event) => event.type === '@xstate.snapshot' && event.event.type === 'pick.changed',
    );
    const without = events.filter((_, at) => at !== index);
    expect(replay(without, machines).differences.length).toBeGreaterThan(0);
  });

  test('a recording holds no pixels and no instructions, and has metrics at its end', async () => {
    const content = await readFile(file, 'utf8');
    expect(content).not.toContain('data:image');
    expect(content).not.toContain('Say what you see');
    expect(content).not.toContain('base64');
    expect(events.at(-1)).toMatchObject({
      type: '@sightline.metrics',
      metrics: { turns: { attached: 2 } },
    });
  });
});

describe('the file', () => {
  test('a file that is no recording is refused with one readable line', async () => {
    const other = join(dir, 'other.jsonl');
    await writeFile(other, '{"format":"something"}\n');
    expect(await rejection(readRecording(other))).toMatchObject({
      message: expect.stringContaining('is not a recording'),
    });
    await writeFile(other, '');
    expect(await rejection(readRecording(other))).toBeInstanceOf(Error);
    expect(await rejection(readRecording(join(dir, 'none')))).toMatchObject({ code: 'ENOENT' });
  });

  test('a recorder and a reader refuse a value that is not a path', async () => {
    const path = 5 as never;
    expect(() => createRecorder(path)).toThrow(OptionError);
    expect(() => createRecorder(path)).toThrow('file is 5: use the path of the file to write');
    const refusal = await rejection(readRecording(path));
    expect(refusal).toBeInstanceOf(OptionError);
    expect(refusal).toMatchObject({ message: 'file is 5: use the path of a recording' });
  });

  test('a recording with invalid lines is read without them', async () => {
    const cut = join(dir, 'cut.jsonl');
    const recorder = createRecorder(cut);
    const actor = createActor(lamp, { inspect: recorder.inspect }).start();
    actor.send({ type: 'press' });
    actor.stop();
    await recorder.close();
    const whole = await readRecording(cut);
    await writeFile(cut, `${await readFile(cut, 'utf8')}\nnoise\n{"type":"@xst`);
    const read = await readRecording(cut);
    expect(read.refused).toBe(2);
    expect([whole.complete, read.complete]).toEqual([true, false]);
    expect(read.events).toEqual(whole.events);
    expect(replay(read.events, [lamp])).toMatchObject({ steps: 3, differences: [] });
  });

  test('a recording is complete only with its end, and if no event was dropped', async () => {
    const ended = join(dir, 'ended.jsonl');
    await createRecorder(ended).close();
    const whole = await readFile(ended, 'utf8');
    const completeness = async (text: string) => {
      await writeFile(ended, text);
      return (await readRecording(ended)).complete;
    };
    const [header = ''] = whole.split('\n');
    expect(await completeness(whole)).toBe(true);
    expect(await completeness(`${header}\n`)).toBe(false);
    expect(await completeness(whole.replace('"dropped":0', '"dropped":1'))).toBe(false);
  });

  test('a recording that is closed leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const recorder = createRecorder(join(dir, 'closed.jsonl'));
    recorder.metrics(() => ({}));
    expect(vi.getTimerCount()).toBe(1);
    await recorder.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('a recording that cannot be written is reported at the end, and ends nothing', async () => {
    const recorder = createRecorder(join(dir, 'no-such-folder', 'run.jsonl'));
    const actor = createActor(lamp, { inspect: recorder.inspect }).start();
    actor.send({ type: 'press' });
    actor.stop();
    expect(await rejection(recorder.close())).toMatchObject({ code: 'ENOENT' });
    expect(await takeWarnings()).toEqual([expect.stringContaining('is incomplete: ENOENT')]);
  });
});
