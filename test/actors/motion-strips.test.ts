import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { MotionStrips } from '../../src/actors/motion-strips.ts';
import type { FrameGate, GatePicture } from '../../src/frames/gate.ts';
import { picture } from '../support/frames/gate-picture.ts';

/** Strips of a gate whose newest frame a test sets, and the fates of its pictures. */
function stage() {
  const fates: string[] = [];
  const errors: unknown[] = [];
  let newest: GatePicture | undefined;
  let fails = false;
  const gate = {
    newest: () => newest?.ref,
    picture: async () => {
      if (fails) throw new Error('no encoder');
      return newest;
    },
  } as unknown as FrameGate;
  const strips = new MotionStrips({
    gate,
    image: () => ({}),
    onError: (error) => errors.push(error),
  });
  const take = (id: number, sourceId = 'camera') => {
    newest = picture(id, { sourceId, onDone: (fate) => fates.push(`${id} ${fate}`) });
    return toPromise(createActor(strips.take(), { input: { sourceId } }).start());
  };
  const fail = () => {
    fails = true;
  };
  const ids = () => strips.pictures.map(({ ref }) => ref.id);
  return { strips, take, ids, fates, errors, fail };
}

test('pictures of all sources are kept in the order of their frames, each once', async () => {
  const { take, ids } = stage();
  for (const [id, source] of [
    [3, 'camera'],
    [1, 'screen'],
    [2, 'camera'],
  ] as const)
    expect(await take(id, source)).toBe(id);
  expect(await take(3)).toBeNull();
  expect(ids()).toEqual([1, 2, 3]);
});

test('pictures of a source that are not kept end as unused, those of another source stay', async () => {
  const { strips, take, ids, fates } = stage();
  await take(1, 'screen');
  for (const id of [2, 3, 4]) await take(id);
  strips.keepOnly('camera', [3]);
  expect(ids()).toEqual([1, 3]);
  expect(fates).toEqual(['2 unused', '4 unused']);
});

test('pictures that were sent end as sent, once, and the rest as unused at the close', async () => {
  const { strips, take, ids, fates } = stage();
  for (const id of [1, 2]) await take(id);
  const [first] = strips.pictures;
  if (!first) throw new Error('no picture was kept');
  strips.sent([first]);
  strips.sent([first, picture(9)]);
  expect(ids()).toEqual([2]);
  strips.close();
  strips.close();
  expect(ids()).toEqual([]);
  expect(fates).toEqual(['1 sent', '2 unused']);
});

test('a picture that fails is reported, and nothing is kept', async () => {
  const { take, ids, errors, fail } = stage();
  fail();
  await expect(take(1)).rejects.toThrow('no encoder');
  expect(errors).toEqual([new Error('no encoder')]);
  expect(ids()).toEqual([]);
});
