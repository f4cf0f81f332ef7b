import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import { firstFrame, freshFrame, freshOrStillFrame } from '../../src/actors/fresh-frame.ts';
import type { FrameRef } from '../../src/frame.ts';
import type { FrameGate } from '../../src/frames/gate.ts';
import { picture } from '../support/frames/gate-picture.ts';
import { timersLeftBy } from '../support/timers.ts';

/** A look at a gate with this newest frame, whose next frame a test lets arrive. */
function look(sourceId: 'camera' | 'screen', newest: FrameRef | undefined) {
  const still: string[] = [];
  const signals: AbortSignal[] = [];
  let arrive: (frame: FrameRef) => void = () => {};
  const gate = {
    newest: () => newest,
    next: (_ids: string[], signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<FrameRef>((resolve) => {
        arrive = resolve;
      });
    },
  } as unknown as FrameGate;
  const actor = createActor(
    freshOrStillFrame(gate, (id) => still.push(id)),
    { input: { sourceId } },
  );
  const frame = toPromise(actor.start());
  return { actor, frame, still, signals, arrive: (ref: FrameRef) => arrive(ref) };
}

const { ref: screen } = picture(1, { sourceId: 'screen' });
const { ref: camera } = picture(2);

test('a look takes the next frame if one arrives, and leaves no timer', async () => {
  const left = await timersLeftBy(async () => {
    const { frame, still, arrive } = look('screen', screen);
    const next = { ...screen, id: 3 };
    arrive(next);
    expect(await frame).toBe(next);
    expect(still).toEqual([]);
  });
  expect(left.filter((creator) => creator.includes('fresh-frame.ts'))).toEqual([]);
});

test('a screen that sends nothing is seen by its newest frame, anything else by a fresh one', async () => {
  // Their waits began earlier, so an end of theirs would be noticed.
  const waiting = [look('camera', camera), look('camera', undefined)];
  const { frame, still, signals } = look('screen', screen);
  expect(await frame).toBe(screen);
  expect(still).toEqual(['screen']);
  expect(signals[0]?.aborted).toBe(true);
  for (const one of waiting) {
    const fresh = { ...camera, id: 3 };
    one.arrive(fresh);
    expect(await one.frame).toBe(fresh);
    expect(one.still).toEqual([]);
  }
});

test('a look that stops while it waits leaves no timer, and uses no frame of a screen', async () => {
  const left = await timersLeftBy(async () => {
    const { actor, still, signals } = look('screen', screen);
    actor.stop();
    expect(signals[0]?.aborted).toBe(true);
    expect(still).toEqual([]);
  });
  expect(left.filter((creator) => creator.includes('fresh-frame.ts'))).toEqual([]);
});

test('a wait for a frame is for its own sources, and ends with its actor', () => {
  const waits: [readonly string[], AbortSignal][] = [];
  const gate = {
    next: (ids: readonly string[], signal: AbortSignal) => {
      waits.push([ids, signal]);
      return new Promise(() => {});
    },
  } as unknown as FrameGate;
  const fresh = createActor(freshFrame(gate), { input: { sourceId: 'camera' } }).start();
  const first = createActor(firstFrame(gate, ['camera', 'screen'])).start();
  expect(waits.map(([ids]) => ids)).toEqual([['camera'], ['camera', 'screen']]);
  fresh.stop();
  expect(waits.map(([, { aborted }]) => aborted)).toEqual([true, false]);
  first.stop();
  expect(waits.map(([, { aborted }]) => aborted)).toEqual([true, true]);
});
