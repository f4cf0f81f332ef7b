import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRecorder, readRecording } from '../../src/inspect/index.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { until, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, rejection } from '../support/loopback.ts';
import { takeWarnings } from '../support/warnings.ts';

/** A file on a disk without free space. */
const FULL = '/dev/full';
const hasFull = await access(FULL).then(
  () => true,
  () => false,
);
if (!hasFull) process.stderr.write(`skipped: a full disk: this system has no ${FULL}\n`);

/** Records a machine until it is asked to end, whatever happens. */
const WRITER = new URL('../support/faults/recording-writer.ts', import.meta.url).pathname;

const camera = fileCamera();
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-full-'));
});
afterEach(async () => {
  await endChildren();
  await endStages();
});
afterAll(() => rm(dir, { recursive: true }));

describe.skipIf(!hasFull)('a place that cannot be written', () => {
  test('a recording that cannot be written ends with one warning, and the agent goes on', async () => {
    const recorder = createRecorder(FULL);
    const stage = await liveStage(camera, { video: { inspect: recorder.inspect } });
    recorder.metrics(() => stage.video.metrics());
    await until('the failure', () => recorder.failure !== undefined);
    const { dropped } = recorder;
    for (const question of ['What is it?', 'And now?']) {
      await stage.show(4);
      await stage.type(question);
      expect(stage.model.last.ownPictures).toHaveLength(1);
    }
    expect(recorder.dropped).toBeGreaterThan(dropped);
    await stage.video.close();
    expect(stage.video.metrics().errors).toEqual({});
    expect(await rejection(recorder.close())).toMatchObject({
      message: expect.stringContaining(`${FULL} is no file`),
    });
    expect(await takeWarnings()).toEqual([
      expect.stringContaining(`the recording ${FULL} is incomplete`),
    ]);
  });
});

describe.skipIf(process.platform === 'win32')('a disk that is full in the middle', () => {
  test('a recording on a disk that becomes full can be read up to that point, and says that it is incomplete', async () => {
    const file = join(dir, 'cut.jsonl');
    // Limits the file to this many blocks of 512 bytes; a signal does not end the process.
    const child = new Child([WRITER, file], {}, [
      'sh',
      '-c',
      'ulimit -f 64; trap "" XFSZ; exec "$@"',
      'sh',
    ]);
    await child.line(/incomplete/);
    await child.line(/^goes on/);
    child.write('end');
    const { code } = await within('end of the writer', child.ended);
    expect(code).toBe(0);
    expect(child.output).toMatch(/^closed with EFBIG$/m);
    expect(child.output.match(/incomplete/g)).toHaveLength(1);

    const { events, complete } = await readRecording(file);
    expect(complete).toBe(false);
    expect(events.length).toBeGreaterThan(20);
  });
});

test('a recording that was written to its end says that it is complete', async () => {
  const file = join(dir, 'whole.jsonl');
  const recorder = createRecorder(file);
  await recorder.close();
  expect(await readRecording(file)).toMatchObject({ complete: true, refused: 0, events: [] });
});
