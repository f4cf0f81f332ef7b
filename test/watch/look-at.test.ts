import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import type { Region } from '../../src/processors/region.ts';
import type { VideoSession } from '../../src/video-session.ts';
import { lookAt } from '../../src/watch/look-at.ts';

const FRAME = {} as SeenFrame;

/** A session whose looks end like this, and which shares these sources. */
function stage(look: () => Promise<SeenFrame>, shared: string[] = []) {
  const asked: unknown[] = [];
  const sources = Object.fromEntries(shared.map((source) => [source, { pick: { source } }]));
  const video = {
    look: (request: unknown) => {
      asked.push(request);
      return look();
    },
    seenRegion: ({ x, ...rest }: Region) => ({ x: x + 0.5, ...rest }),
    actor: { getSnapshot: () => ({ context: { sources } }) },
  } as unknown as VideoSession;
  return { video, asked };
}

const never = () => new Promise<SeenFrame>(() => {});

test('a look passes on the source, the region and the frame that are named, and nothing else', async () => {
  const { video, asked } = stage(async () => FRAME);
  const limit = new AbortController();
  const region = { x: 0, y: 0, width: 0.5, height: 1 };
  expect(await lookAt(video, { source: 'current' }, limit.signal)).toBe(FRAME);
  await lookAt(video, { source: 'current', frameId: 0 }, limit.signal);
  await lookAt(video, { source: 'screen', region }, limit.signal);
  // The region of the frame that the region of the picture shows.
  const ofFrame = { ...region, x: 0.5 };
  expect(asked).toEqual([{}, { frameId: 0 }, { source: 'screen', region: ofFrame }]);
  // The clean-up of a look follows its result.
  await new Promise(setImmediate);
  expect(getEventListeners(limit.signal, 'abort')).toEqual([]);
});

test('a look at a source that is not shared names it at the limit', async () => {
  const { video } = stage(never, ['camera']);
  const limit = new AbortController();
  const look = lookAt(video, { source: 'screen' }, limit.signal);
  limit.abort(new Error('too late'));
  await expect(look).rejects.toMatchObject({ reason: 'source', message: 'no screen is shared' });
});

test('a look at a source that is shared, or at the current one, ends with the reason of the limit', async () => {
  const { video } = stage(never, ['camera']);
  const limit = AbortSignal.abort(new Error('too late'));
  await expect(lookAt(video, { source: 'camera' }, limit)).rejects.toThrow('too late');
  await expect(lookAt(video, { source: 'current' }, limit)).rejects.toThrow('too late');
});

test('a look that fails before the limit ends with its own error', async () => {
  const { video } = stage(() => Promise.reject(new Error('video is off')));
  const { signal } = new AbortController();
  await expect(lookAt(video, { source: 'screen' }, signal)).rejects.toThrow('video is off');
});
