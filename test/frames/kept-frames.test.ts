import { expect, test } from 'vitest';
import { type KeptFrame, KeptFrames } from '../../src/frames/kept-frames.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import type { SourceKind } from '../../src/source.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

function kept(id: number, source: SourceKind = 'screen', isValid = () => true): KeptFrame {
  const ref = {
    id,
    trackSid: source,
    identity: 'ada',
    source,
    width: 96,
    height: 64,
    receivedAt: 0,
  };
  return {
    sourceId: `linked/${source}`,
    shown: { ref, frame: greyFrame(1), rotation: 0, area: WHOLE },
    isValid,
  };
}

const idOf = (frame: KeptFrame | undefined) => frame?.shown.ref.id;

function shown(...frames: KeptFrame[]): KeptFrames {
  const all = new KeptFrames();
  all.open();
  for (const frame of frames) all.add(frame);
  return all;
}

test('the two newest frames of each source are kept', () => {
  const all = shown(kept(1, 'camera'), kept(4), kept(2), kept(3), kept(4));
  expect(idOf(all.find({}))).toBe(4);
  expect([1, 2, 3, 4].map((frameId) => idOf(all.find({ frameId })))).toEqual([1, undefined, 3, 4]);
});

test('a kept frame is found by its kind or its source', () => {
  const all = shown(kept(1, 'unknown'), kept(2));
  expect(idOf(all.find({ kind: 'camera' }))).toBe(1);
  expect(idOf(all.find({ kind: 'screen' }))).toBe(2);
  expect(idOf(all.find({ sourceId: 'linked/unknown' }))).toBe(1);
});

test('a kept frame that may not be shown any more is not found', () => {
  const all = shown(
    kept(1),
    kept(2, 'screen', () => false),
    kept(3, 'camera'),
  );
  expect(idOf(all.find({ kind: 'screen' }))).toBe(1);
  all.revoke({ trackSid: 'screen' });
  expect(idOf(all.find({ kind: 'screen' }))).toBeUndefined();
  expect(idOf(all.find({}))).toBe(3);
});

test('no frame is kept before it is wanted, or after the end', () => {
  const all = new KeptFrames();
  all.add(kept(1));
  expect(all.find({})).toBeUndefined();
  all.open();
  all.add(kept(2));
  all.close();
  all.add(kept(3));
  expect(all.find({})).toBeUndefined();
});
