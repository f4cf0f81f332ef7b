import { expect, test } from 'vitest';
import { AudioClock } from '../../../src/avatar/worker/audio-clock.ts';

const QUEUE_MS = 100;

/** A clock with 200 ms of audio from time 0. */
function playing(): AudioClock {
  const clock = new AudioClock(QUEUE_MS);
  clock.add(200, 0);
  return clock;
}

test('audio is played after the audio before it, or at once after a pause', () => {
  const clock = playing();
  clock.add(50, 120);
  expect(clock.endsAt).toBe(250);
  expect([clock.isPlaying(249), clock.isPlaying(250)]).toEqual([true, false]);
  clock.add(50, 400);
  expect(clock.endsAt).toBe(450);
  clock.clear();
  expect(clock.isPlaying(0)).toBe(false);
});

test('a capture that waited for space sets the clock to a full queue, in small steps', () => {
  const late = playing();
  // Space appeared at 120: the queue ends at 220, less half a piece of 10 ms.
  late.onTaken(60, 120);
  expect(late.endsAt).toBe(205);
  late.onTaken(60, 120);
  late.onTaken(60, 120);
  late.onTaken(60, 120);
  expect(late.endsAt).toBe(215);
  const early = playing();
  early.onTaken(60, 80);
  expect(early.endsAt).toBe(195);
});

test('a capture of up to 8 ms did not wait for space', () => {
  const [quick, slow] = [playing(), playing()];
  quick.onTaken(8, 120);
  slow.onTaken(8.1, 120);
  expect([quick.endsAt, slow.endsAt]).toEqual([200, 205]);
});

test('a capture that did not wait changes the clock only if the queue could not hold the audio', () => {
  const clock = playing();
  clock.onTaken(1, 100);
  expect(clock.endsAt).toBe(200);
  clock.onTaken(1, 97);
  expect(clock.endsAt).toBe(197);
  clock.onTaken(1, 0);
  expect(clock.endsAt).toBe(192);
});
