import { expect, test } from 'vitest';
import { turnPictures } from '../../src/actors/turn-pictures.ts';
import type { GatePicture } from '../../src/frames/gate.ts';

/** A picture of 40 bytes. */
const pictureOf = (id: number, sourceId: string): GatePicture => ({
  sourceId,
  ref: {
    ...{ id, width: 64, height: 48, trackSid: 'TR_1', identity: 'ada', receivedAt: id },
    source: 'camera',
  },
  size: 40,
  luma: () => undefined,
  handOver: () => undefined,
  done: () => {},
});

test.each([
  [1000, [1, 2, 3]],
  [160, [2, 3]],
  [159, [3]],
  [100, []],
  [10, []],
])(
  'a turn of at most %i bytes has its newest pictures, and the latest of the earlier ones that fit',
  (maxBytes, kept) => {
    const before = [1, 2, 3, 5].map((id) => pictureOf(id, 'camera'));
    const newest = [pictureOf(5, 'camera'), pictureOf(4, 'screen')];
    const shown = turnPictures(newest, before, { sourceIds: ['screen', 'camera'], maxBytes });
    expect(shown.newest.map(({ ref }) => ref.id)).toEqual([4, 5]);
    expect(shown.earlier.map(({ ref }) => ref.id)).toEqual(kept);
  },
);
