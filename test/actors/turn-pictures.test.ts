import { expect, test } from 'vitest';
import { newestOf, takeNewest, turnImage, turnPictures } from '../../src/actors/turn-pictures.ts';
import type { FrameRef } from '../../src/frame.ts';
import type { FrameGate } from '../../src/frames/gate.ts';
import type { GatePicture, PictureRequest } from '../../src/frames/gate.types.ts';

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

const frameOf = (id: number, source: FrameRef['source'], receivedAt = Date.now()): FrameRef => ({
  ...{ id, source, receivedAt, width: 64, height: 48, trackSid: `TR_${id}`, identity: 'ada' },
});

/** A gate with these newest frames. A picture is ready at once, missing, or fails. */
function stage(
  frames: Record<string, FrameRef | null>,
  outcome: (sourceId: string) => 'ready' | 'missing' | Error = () => 'ready',
) {
  const asked: PictureRequest[] = [];
  const fates: string[] = [];
  const errors: unknown[] = [];
  const gate = {
    newest: (sourceId: string) => frames[sourceId] ?? null,
    picture: async (request: PictureRequest) => {
      asked.push(request);
      const made = outcome(request.sourceId);
      if (made instanceof Error) throw made;
      if (made === 'missing') return undefined;
      return {
        sourceId: request.sourceId,
        done: (fate: object) => fates.push(`${request.sourceId}: ${JSON.stringify(fate)}`),
      } as unknown as GatePicture;
    },
  } as unknown as FrameGate;
  const sourceIds = Object.keys(frames);
  const take = async (frameId: number, signal = new AbortController().signal) => {
    const taken = await takeNewest(
      {
        ...{ gate, sourceIds, maxFrameAgeMs: 3000 },
        picture: (source) => ({ image: { quality: source === 'screen' ? 90 : 60 } }),
        late: () => ({ skipped: 'late' }),
        onError: (error) => errors.push(error),
      },
      frameId,
      signal,
    );
    return taken.map(({ sourceId }) => sourceId);
  };
  return { gate, sourceIds, asked, fates, errors, take };
}

test('the newest frame is that of a screen, and else the one that came last', () => {
  const newest = (frames: Record<string, FrameRef | null>) => {
    const { gate, sourceIds } = stage(frames);
    return newestOf(gate, sourceIds)?.id;
  };
  expect(newest({ a: frameOf(1, 'camera', 10), b: frameOf(2, 'camera', 20) })).toBe(2);
  expect(newest({ a: frameOf(1, 'camera', 30), b: frameOf(2, 'camera', 20) })).toBe(1);
  expect(newest({ a: frameOf(1, 'screen', 10), b: frameOf(2, 'camera', 20) })).toBe(1);
  expect(newest({ a: frameOf(1, 'camera', 30), b: frameOf(2, 'screen', 20) })).toBe(2);
  expect(newest({ a: null, b: frameOf(2, 'camera', 20) })).toBe(2);
  expect(newest({ a: null })).toBeUndefined();
});

test('the frame that was asked for comes first, with what is fresh of the others', async () => {
  const now = Date.now();
  const { take, asked } = stage({
    camera: frameOf(1, 'camera', now),
    screen: frameOf(2, 'screen', now - 3_600_000),
    old: frameOf(3, 'camera', now - 60_000),
    none: null,
  });
  expect(await take(2)).toEqual(['screen', 'camera']);
  expect(asked.map(({ purpose, image }) => [purpose, image.quality])).toEqual([
    ...[
      ['turn', 90],
      ['turn', 60],
    ],
  ]);
  // A frame that was replaced stands for the newest of the first source.
  expect(await take(99)).toEqual(['camera', 'screen']);
  expect(await take(3)).toEqual(['old', 'camera', 'screen']);
});

test('without a frame, nothing is encoded', async () => {
  const { take, asked } = stage({ camera: null });
  expect(await take(1)).toEqual([]);
  expect(asked).toEqual([]);
});

test('an additional picture that fails is reported, and the turn has the others', async () => {
  const torn = new Error('torn');
  const { take, errors, fates } = stage(
    { a: frameOf(1, 'screen'), b: frameOf(2, 'screen'), c: frameOf(3, 'screen') },
    (sourceId) => (sourceId === 'b' ? torn : 'ready'),
  );
  expect(await take(1)).toEqual(['a', 'c']);
  expect([errors, fates]).toEqual([[torn], []]);
});

test('a turn whose own picture fails or is taken away uses none of the others', async () => {
  const frames = { a: frameOf(1, 'screen'), b: frameOf(2, 'screen') };
  const failed = stage(frames, (sourceId) => (sourceId === 'a' ? new Error('torn') : 'ready'));
  await expect(failed.take(1)).rejects.toThrow('torn');
  expect(failed.fates).toEqual(['b: {"skipped":"late"}']);
  const missing = stage(frames, (sourceId) => (sourceId === 'a' ? 'missing' : 'ready'));
  expect(await missing.take(1)).toEqual([]);
  expect(missing.fates).toEqual(['b: {"skipped":"late"}']);
});

test('pictures that come too late are given back, each once', async () => {
  const { take, fates } = stage({ a: frameOf(1, 'screen'), b: frameOf(2, 'screen') });
  expect(await take(1, AbortSignal.abort())).toEqual([]);
  expect([...fates].sort()).toEqual(['a: {"skipped":"late"}', 'b: {"skipped":"late"}']);
});

test('the picture of a turn has the size of the options, and never more than its frame', () => {
  const none = { inferenceWidth: undefined, inferenceHeight: undefined };
  const inside = (width: number, height: number) => ({
    ...{ enlarge: false, resize: { width, height, strategy: 'scale_aspect_fit' } },
  });
  expect(turnImage({ image: {}, ...none })).toEqual(inside(2048, 2048));
  expect(turnImage({ image: {}, ...none }, 1568)).toEqual(inside(1568, 1568));
  expect(turnImage({ image: { quality: 5 }, ...none, inferenceWidth: 640 })).toEqual({
    ...{ ...inside(640, 16_383), quality: 5 },
  });
  expect(turnImage({ image: {}, ...none, inferenceHeight: 480 })).toEqual(inside(16_383, 480));
  const image = { resize: { width: 9, height: 9, strategy: 'skew' as const } };
  expect(turnImage({ image, ...none })).toBe(image);
  expect(turnImage({ image, ...none, inferenceWidth: 640 })).toEqual(inside(640, 16_383));
  expect(turnImage({ image: { enlarge: true }, ...none }).enlarge).toBe(true);
});
