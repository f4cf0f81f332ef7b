import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { MotionStrips } from '../../src/actors/motion-strips.ts';
import type { FrameGate } from '../../src/frames/gate.ts';
import type { GatePicture, PictureRequest } from '../../src/frames/gate.types.ts';
import { picture } from '../support/frames/gate-picture.ts';

/** Strips of a gate whose newest frame a test sets, and the fates of its pictures. */
function stage() {
  const fates: string[] = [];
  const errors: unknown[] = [];
  let newest: GatePicture | undefined;
  let fails = false;
  let isTakenAway = false;
  const requests: PictureRequest[] = [];
  const gate = {
    newest: () => newest?.ref,
    picture: async (request: PictureRequest) => {
      requests.push(request);
      if (fails) throw new Error('no encoder');
      return isTakenAway ? undefined : newest;
    },
  } as unknown as FrameGate;
  const strips = new MotionStrips({
    gate,
    image: (source) => ({ quality: source === 'screen' ? 90 : 60 }),
    onError: (error) => errors.push(error),
  });
  const take = (id: number, sourceId = 'camera') => {
    newest = picture(id, { sourceId, onDone: (fate) => fates.push(`${id} ${fate}`) });
    return toPromise(createActor(strips.take(), { input: { sourceId } }).start());
  };
  const fail = () => {
    fails = true;
  };
  const takeAway = () => {
    isTakenAway = true;
  };
  const ids = () => strips.pictures.map(({ ref }) => ref.id);
  return { strips, take, ids, fates, errors, requests, fail, takeAway };
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

test('nothing is kept of a frame that is taken away while it is encoded', async () => {
  const { take, ids, takeAway } = stage();
  takeAway();
  expect(await take(1)).toBeNull();
  expect(ids()).toEqual([]);
});

test('a picture is made for its source, and is skipped if the turn is over before it is ready', async () => {
  const { take, requests } = stage();
  await take(1, 'screen');
  await take(2);
  const [screen, camera] = requests;
  expect(screen).toMatchObject({ sourceId: 'screen', purpose: 'turn', image: { quality: 90 } });
  expect(screen?.late?.()).toEqual({ skipped: 'turn-over' });
  expect(camera).toMatchObject({ sourceId: 'camera', image: { quality: 60 } });
});

test('a picture is no longer encoded for a turn that is over', async () => {
  const { strips, take, requests } = stage();
  await take(1);
  strips.close();
  createActor(strips.take(), { input: { sourceId: 'camera' } })
    .start()
    .stop();
  expect(requests.map(({ signal }) => signal?.aborted)).toEqual([false, true]);
});
