import { expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { ShownFrames } from '../../src/frames/shown-frames.ts';
import type { Region } from '../../src/processors/region.ts';
import { seenRegion } from '../../src/session/seen-region.ts';

const frame = (id: number, source: FrameRef['source']): FrameRef => ({
  ...{ id, source, trackSid: 'TR_1', identity: 'ada', width: 64, height: 48, receivedAt: id },
});
const same = (part: Region): Region => part;
/** The frame fills the middle half of the picture, in both directions. */
const middle = ({ x, y, width, height }: Region): Region => ({
  ...{ x: (x - 0.25) * 2, y: (y - 0.25) * 2, width: width * 2, height: height * 2 },
});

/** Frame 1 of the camera was shown with bars around it, and later frame 2 of the screen without. */
function shownFrames(): ShownFrames {
  const shown = new ShownFrames();
  // The other way, to the frame of the track, must not be used.
  const other = () => ({ x: 0, y: 0, width: 0.125, height: 0.125 });
  shown.add({ ref: frame(1, 'camera'), toFrame: other, toProcessed: middle });
  shown.add({ ref: frame(2, 'screen'), toFrame: other, toProcessed: same });
  return shown;
}

const region = { x: 0.375, y: 0.5, width: 0.125, height: 0.0625 };

test('a region is that of the newest picture, or of the one that is named', () => {
  const shown = shownFrames();
  expect(seenRegion(shown, region, {})).toEqual(region);
  const inCamera = { x: 0.25, y: 0.5, width: 0.25, height: 0.125 };
  expect(seenRegion(shown, region, { source: 'camera' })).toEqual(inCamera);
  expect(seenRegion(shown, region, { frameId: 1 })).toEqual(inCamera);
});

test('a region without a picture that was shown is one of the whole frame', () => {
  expect(seenRegion(new ShownFrames(), region, {})).toEqual(region);
});

test('the bars around a picture are left out of a region, at each edge', () => {
  const inCamera = (part: Region) => seenRegion(shownFrames(), part, { frameId: 1 });
  expect(inCamera({ x: 0, y: 0, width: 0.5, height: 0.5 })).toEqual({
    ...{ x: 0, y: 0, width: 0.5, height: 0.5 },
  });
  expect(inCamera({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 })).toEqual({
    ...{ x: 0.5, y: 0.5, width: 0.5, height: 0.5 },
  });
});

test.each([
  ['on the bars beside', { x: 0, y: 0.3, width: 0.25, height: 0.3 }],
  ['on the bars above', { x: 0.3, y: 0, width: 0.3, height: 0.25 }],
  ['outside of', { x: 0.9, y: 0, width: 0.2, height: 0.25 }],
])('a region that is only %s the picture is refused', (_, part) => {
  expect(() => seenRegion(shownFrames(), part, { frameId: 1 })).toThrow(
    expect.objectContaining({ option: expect.stringContaining('region') }),
  );
});
