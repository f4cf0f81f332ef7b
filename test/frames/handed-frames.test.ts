import { expect, test } from 'vitest';
import {
  type HandedPicture,
  handOut,
  keepRevocable,
  mayStillShow,
  noteShown,
} from '../../src/frames/handed-frames.ts';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';

const newFrame = () => ({}) as SeenFrame;
const picture = { purpose: 'turn' } as HandedPicture;

/** A frame that the gate handed out, and what the gate is asked. */
function handedFrame() {
  const frame = newFrame();
  const state = { isValid: true };
  const kept: unknown[] = [];
  const shown: HandedPicture[] = [];
  handOut(frame, {
    keep: (content, withdraw) => kept.push([content, withdraw]),
    isValid: () => state.isValid,
    noteShown: (one) => shown.push(one),
  });
  return { frame, state, kept, shown };
}

test("a frame of the gate is used as the gate allows, and its uses are the gate's to know", () => {
  const { frame, kept, shown } = handedFrame();
  const content = {};
  const withdraw = () => {};
  expect(mayStillShow(frame)).toBe(true);
  keepRevocable(frame, content, withdraw);
  noteShown(frame, picture);
  expect(kept).toEqual([[content, withdraw]]);
  expect(shown).toEqual([picture]);
});

test('a frame whose video was switched off is not used any more', () => {
  const { frame, state, kept, shown } = handedFrame();
  state.isValid = false;
  expect(mayStillShow(frame)).toBe(false);
  expect(() => keepRevocable(frame, {}, () => {})).toThrow(
    expect.objectContaining({ name: 'LookError', reason: 'off' }),
  );
  noteShown(frame, picture);
  expect([kept, shown]).toEqual([[], []]);
});

test('a frame that the application made itself may always be shown', () => {
  const own = newFrame();
  expect(mayStillShow(own)).toBe(true);
  expect(() => keepRevocable(own, {}, () => {})).not.toThrow();
  expect(() => noteShown(own, picture)).not.toThrow();
});
