import { expect, test } from 'vitest';
import type { KeptFrame } from '../../src/frames/kept-frames.ts';
import { ModelFrames } from '../../src/frames/model-frames.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { picture } from '../support/frames/gate-picture.ts';

const frame = greyFrame(1);
const kept = (id: number): KeptFrame => ({
  sourceId: 'screen',
  shown: { ref: picture(id, { sourceId: 'screen' }).ref, frame, rotation: 0, area: WHOLE },
  isValid: () => true,
});

/** The middle of the frame, as wide as high. */
const SQUARE = { resize: { width: 16, height: 16, strategy: 'center_aspect_cover' } } as const;
const LEFT_EDGE = (1 - frame.height / frame.width) / 2;
const POINT = { x: 0, y: 0.5, width: 0, height: 0 };

test('after a region of a frame, places are still shares of the cropped picture before it', () => {
  const frames = new ModelFrames();
  frames.add(kept(1), SQUARE);
  frames.add(kept(1), undefined);
  expect(frames.shown.find({ frameId: 1 })?.toFrame(POINT).x).toBeCloseTo(LEFT_EDGE, 9);
});

test('places in a region of a fresh frame are shares of the last picture of that source', () => {
  const frames = new ModelFrames();
  frames.add(kept(1), SQUARE);
  frames.add(kept(2), undefined);
  expect(frames.shown.find({ frameId: 2 })?.toFrame(POINT).x).toBeCloseTo(LEFT_EDGE, 9);
});

test('places in a region of a frame that the model never saw whole are shares of the frame', () => {
  const frames = new ModelFrames();
  frames.add(kept(1), undefined);
  expect(frames.shown.find({})?.toFrame(POINT)).toEqual(POINT);
});
