import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  FaceDetector,
  FaceDetectorError,
  INSTALL,
} from '../../../examples/detector/face-detector.ts';
import { pictureFrame } from '../../../src/testing/camera/picture-frame.ts';
import { rejection } from '../../support/loopback.ts';
import { GROUP } from '../../support/people.ts';

let detector: FaceDetector;
beforeAll(async () => {
  detector = await FaceDetector.open();
});
afterAll(() => detector.close());

const group = () => pictureFrame(GROUP.file, { width: 1280 });

test('a detector finds the faces of each frame, also after a search that was given up', async () => {
  const frame = await group();
  const givenUp = new AbortController();
  const first = rejection(detector.find(frame, givenUp.signal));
  givenUp.abort(new Error('too late'));
  expect(await first).toMatchObject({ message: 'too late' });
  const found = await Promise.all([detector.find(frame), detector.find(frame)]);
  for (const faces of found) expect(faces.length).toBeGreaterThanOrEqual(GROUP.frontal.length);
});

test('the error of a detector whose packages are missing names the packages', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-'));
  const thread = join(folder, 'thread.mjs');
  await writeFile(thread, 'import "@sightline/not-installed";');
  const error = await rejection(FaceDetector.open(pathToFileURL(thread)));
  await rm(folder, { recursive: true });
  expect(error).toBeInstanceOf(FaceDetectorError);
  expect(error).toMatchObject({ message: `the face detector did not start: it needs: ${INSTALL}` });
});

test('a detector that was closed rejects every search', async () => {
  const closed = await FaceDetector.open();
  const searching = rejection(closed.find(await group()));
  await closed.close();
  expect(await searching).toBeInstanceOf(FaceDetectorError);
  expect(await rejection(closed.find(await group()))).toBeInstanceOf(FaceDetectorError);
});
