import { expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { ShownFrames, type ShownToModel } from '../../src/frames/shown-frames.ts';
import { picture } from '../support/frames/gate-picture.ts';

const shown = (id: number, changes: Partial<FrameRef> = {}): ShownToModel => ({
  ref: { ...picture(id).ref, ...changes },
  toFrame: (part) => part,
  toProcessed: (part) => part,
});

test('the frame that is found is the newest of its source, whatever was shown last', () => {
  const frames = new ShownFrames();
  const [camera, screen] = [shown(5), shown(7, { source: 'screen' })];
  for (const one of [shown(2), camera, shown(6, { source: 'screen' }), screen, shown(3)])
    frames.add(one);
  expect(frames.find({})).toBe(screen);
  expect(frames.find({ source: 'camera' })).toBe(camera);
  expect(frames.find({ frameId: 5 })).toBe(camera);
  expect(frames.find({ frameId: 5, source: 'screen' })).toBeUndefined();
  expect(new ShownFrames().find({})).toBeUndefined();
});

test('a track without a name of its source counts as a camera', () => {
  const frames = new ShownFrames();
  const unnamed = shown(1, { source: 'unknown' });
  frames.add(unnamed);
  expect(frames.find({ source: 'camera' })).toBe(unnamed);
});

test('a frame that is shown again has its latest place in the picture, and fills no other', () => {
  const frames = new ShownFrames();
  for (let id = 1; id < 64; id++) frames.add(shown(id));
  const again = shown(1);
  frames.add(again);
  expect(frames.find({ frameId: 1 })).toBe(again);
  frames.add(shown(64));
  expect(frames.find({ frameId: 2 })).toBeDefined();
  frames.add(shown(65));
  expect(frames.find({ frameId: 2 })).toBeUndefined();
  expect(frames.find({ frameId: 1 })).toBe(again);
});

test('frames of a track that was taken away are not found', () => {
  const frames = new ShownFrames();
  frames.add(shown(1));
  frames.add(shown(2, { trackSid: 'TR_2' }));
  frames.revoke({ trackSid: 'TR_2' });
  expect(frames.find({})?.ref.id).toBe(1);
});
