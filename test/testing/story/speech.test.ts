import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VideoSession } from '../../../src/index.ts';
import type { Sound } from '../../../src/testing/avatar/ears.ts';
import { TestAvatar } from '../../../src/testing/avatar/test-avatar.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import { StorySpeech } from '../../../src/testing/story/speech.ts';
import type { StoryRoom } from '../../../src/testing/story/story-room.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Whether a promise has resolved. */
function watched(work: Promise<unknown>) {
  const state = { isOver: false };
  void work.then(() => {
    state.isOver = true;
  });
  return state;
}

/** The speech of a story, what the user hears of it, and what becomes of its avatars. */
function stage() {
  const present = new Set<string>();
  const room = {
    place: new LoopbackRoom({ speech: true }),
    has: (who: string) => present.has(who),
  };
  const record = new StoryRecord();
  const speech = new StorySpeech(room as unknown as StoryRoom, record);
  const sounds: Sound[] = [];
  vi.spyOn(speech, 'sounds', 'get').mockImplementation(() => sounds);
  const hear = (count: number) => {
    for (let piece = 0; piece < count; piece++)
      sounds.push({ at: Date.now(), from: FACE, pitch: 0 });
  };
  const ends: string[] = [];
  for (const end of ['die', 'leave', 'end'] as const)
    vi.spyOn(TestAvatar.prototype, end).mockImplementation(async function (this: TestAvatar) {
      ends.push(`${end} ${this.avatarIdentity}`);
    });
  return { present, record, speech, hear, ends };
}

test('a speech is done when it is played, and its step when the user hears nothing more', async () => {
  const { record, speech, hear } = stage();
  let played = () => {};
  let refusals = 2;
  const say = vi.fn(() => {
    if (refusals-- > 0) throw new Error('not started');
    return { waitForPlayout: () => new Promise<void>((resolve) => (played = resolve)) };
  });
  const agent = { session: { say } as never, isClosing: false };
  const said = watched(speech.say(agent, 7, 1000));
  await elapse(20);
  expect(say).toHaveBeenCalledTimes(3);
  const at = Date.now();
  expect(record.speeches).toEqual([{ step: 7, at, ms: 1000 }]);
  await elapse(1000);
  hear(1);
  played();
  await elapse(399);
  expect(record.speeches[0]?.doneAt).toBe(at + 1000);
  expect(said.isOver).toBe(false);
  await elapse(11);
  expect(said.isOver).toBe(true);
});

test('an agent that never takes a speech is an error after 4 seconds, and none if it closes', async () => {
  const { speech } = stage();
  const refusal = new Error('not started');
  const say = () => {
    throw refusal;
  };
  const agent = { session: { say } as never, isClosing: false };
  const failed = expect(speech.say(agent, 1, 20)).rejects.toThrow('not started');
  await elapse(4020);
  await failed;
  const closing = { ...agent };
  const said = watched(speech.say(closing, 1, 20));
  closing.isClosing = true;
  await elapse(10);
  expect(said.isOver).toBe(true);
});

test('a user who leaves misses what is spoken, and what is on its way to them', () => {
  const { record, speech } = stage();
  const now = Date.now();
  const ended = [undefined, now - 499, now - 500];
  record.speeches.push(
    ...ended.map((doneAt, step) => ({
      ...{ step, at: now - 1000, ms: 500 },
      ...(doneAt === undefined ? {} : { doneAt }),
    })),
  );
  speech.missed();
  expect(record.speeches.map(({ isMissed }) => isMissed)).toEqual([true, true, undefined]);
});

test('an avatar dies or leaves in the middle of a speech, which another one takes over', async () => {
  const { present, record, speech, hear, ends } = stage();
  speech.avatar('well');
  const video = { setAvatar: vi.fn() };
  await speech.swap(video as unknown as VideoSession, 'another');
  expect(video.setAvatar).toHaveBeenCalledWith(
    expect.objectContaining({ avatarIdentity: `${FACE}-2` }),
  );
  await speech.swap(video as unknown as VideoSession, 'none');
  expect(video.setAvatar).toHaveBeenLastCalledWith(null);
  present.add(FACE);
  const now = Date.now();
  record.speeches.push({ step: 1, at: now, ms: 500, doneAt: now }, { step: 2, at: now, ms: 900 });
  const died = watched(speech.die());
  await elapse(100);
  hear(9);
  await elapse(100);
  expect(died.isOver).toBe(false);
  hear(1);
  await elapse(10);
  expect([died.isOver, ends]).toEqual([true, [`die ${FACE}`]]);
  expect(record.speeches.map(({ isTakenOver }) => isTakenOver)).toEqual([undefined, true]);
  // The newest one that is there; a speech that is never heard is waited for 4 seconds.
  present.add(`${FACE}-2`);
  const left = watched(speech.leave());
  await elapse(3999);
  expect(left.isOver).toBe(false);
  await elapse(20);
  expect([left.isOver, ends.at(-1)]).toEqual([true, `leave ${FACE}-2`]);
  await speech.close();
  expect(ends.slice(-2)).toEqual([`end ${FACE}`, `end ${FACE}-2`]);
});
