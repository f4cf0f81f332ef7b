import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import type { Evidence } from '../../../src/testing/story/evidence.ts';
import { markedFrame } from '../../../src/testing/story/masks.ts';
import { Oracle } from '../../../src/testing/story/oracle.ts';
import { type Asked, type Question, StoryRecord } from '../../../src/testing/story/record.ts';
import type { Stalls } from '../../../src/testing/story/stalls.ts';
import { type Share, World } from '../../../src/testing/story/world.ts';
import { storyQuestion } from '../../support/story-question.ts';

const T0 = 1_000_000;
const at = (ms: number) => vi.setSystemTime(T0 + ms);
const USUAL_MS = 100;
const BUDGET_MS = 1000;
/** The longest turn without a tool that is no break. */
const LIMIT_MS = 4 * USUAL_MS + BUDGET_MS;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

/** A camera that shows level 1 from the beginning, and a question at 1000 ms. */
function stage() {
  at(0);
  const world = new World(false);
  world.start();
  world.join('user');
  const camera = world.share('user', 'camera');
  see(camera);
  return { world, camera, record: new StoryRecord() };
}

/** A reader of the track has its newest picture. */
function see({ current }: Share) {
  if (current) current.seenAt = Date.now();
}

const question = (more: Partial<Question> = {}): Question =>
  storyQuestion(1, { step: 7, at: T0 + 1000, answers: [T0 + 1200], ...more });

const picture = (level: number, isUpright = true) =>
  greyFrame(level, isUpright ? { width: 96, height: 64 } : { width: 64, height: 96 });

/** A request with these levels, of which the last one is of the turn itself. */
function asked(levels: readonly number[], more: Partial<Asked> = {}): Asked {
  const pictures = levels.map((level) => picture(level));
  const own = pictures.slice(-1);
  return {
    at: T0 + 1100,
    agent: 'pipeline',
    question: 1,
    isFollowUp: false,
    isSpeech: false,
    own,
    pictures,
    ...more,
  };
}

const noStall = { between: () => 0 };

type Given = Pick<Evidence, 'record' | 'world'> & Partial<Evidence>;

async function judged({ record, world, ...more }: Given) {
  const oracle = new Oracle({
    record,
    world,
    heard: { steps: [], sounds: [], isWhole: () => true },
    mask: 'none',
    stalls: noStall as unknown as Stalls,
    limits: { usual: () => USUAL_MS, budgetMs: BUDGET_MS, spreadMs: 60 },
    left: [],
    ...more,
  });
  return oracle.judge();
}

const broken = async (evidence: Given) =>
  (await judged(evidence)).breaks.map(({ promise, step, message }) => [promise, step, message]);

/** What is broken if a question of this kind is all that happens. */
async function answeredBreaks(one: Partial<Question>, more: object = {}) {
  const { world, record } = stage();
  record.questions.push(question(one));
  return broken({ world, record, ...more });
}

describe('the promise to answer', () => {
  test('a question that is answered once and in time keeps it', async () => {
    const { world, record } = stage();
    record.questions.push(question({ answers: [T0 + 1000 + LIMIT_MS] }));
    const { breaks, checked } = await judged({ world, record });
    expect(breaks).toEqual([]);
    expect(checked.answered).toEqual({ checked: 1, broken: 0, unmeasured: 0 });
    expect(checked.alive.checked).toBe(1);
    expect(checked.nothingLeft.checked).toBe(1);
    expect(checked.seen.checked).toBe(0);
  });

  test('a second answer, none, and a late one break it, with the step', async () => {
    const twice = { answers: [T0 + 1100, T0 + 1200] };
    expect(await answeredBreaks(twice)).toEqual([
      ['answered', 7, 'question 1 was answered 2 times'],
    ]);
    expect(await answeredBreaks({ answers: [], gaveUpAt: T0 + 5000 })).toEqual([
      ['answered', 7, 'question 1 has no answer after 4000 ms'],
    ]);
    expect(await answeredBreaks({ answers: [T0 + 1001 + LIMIT_MS] })).toEqual([
      ['answered', 7, 'question 1 took 1401 ms, without video at most 100 ms'],
    ]);
  });

  test('a question that was cut off needs no answer, but has no second one', async () => {
    const cutOff = { at: T0 + 1100, by: 'interrupt' };
    expect(await answeredBreaks({ answers: [], cutOff, gaveUpAt: T0 + 5000 })).toEqual([]);
    expect(await answeredBreaks({ answers: [T0 + 9000], cutOff })).toEqual([]);
    expect(await answeredBreaks({ answers: [T0 + 1100, T0 + 1200], cutOff })).toHaveLength(1);
    expect(await answeredBreaks({ answers: [] })).toEqual([]);
  });

  test('speech that the agent session never accepted counts as unmeasured, unless it is answered', async () => {
    const countsOf = async (one: Partial<Question>) => {
      const { world, record } = stage();
      record.questions.push(question({ isSpoken: true, isTaken: false, ...one }));
      return (await judged({ world, record })).checked.answered;
    };
    expect(await countsOf({ answers: [] })).toEqual({ checked: 0, broken: 0, unmeasured: 1 });
    const twice = { answers: [T0 + 1100, T0 + 1200] };
    expect(await countsOf(twice)).toEqual({ checked: 1, broken: 1, unmeasured: 0 });
    const typed = { isSpoken: false, answers: [], gaveUpAt: T0 + 5000 };
    expect(await countsOf(typed)).toEqual({ checked: 1, broken: 1, unmeasured: 0 });
  });

  test('speech that the framework skips between two agents needs no answer', async () => {
    const none = { answers: [], gaveUpAt: T0 + 5000, isTaken: false };
    expect(await answeredBreaks({ ...none, isSpoken: true })).toEqual([]);
    expect(await answeredBreaks({ ...none, isSpoken: false })).toHaveLength(1);
    expect(await answeredBreaks({ ...none, isSpoken: true, isTaken: true })).toHaveLength(1);
  });

  test('a turn that a button ends waits for late words, and is skipped only if another agent takes over', async () => {
    const press = 'released';
    const late = (ms: number) => answeredBreaks({ press, answers: [T0 + 1000 + LIMIT_MS + ms] });
    expect(await late(600)).toEqual([]);
    expect(await late(601)).toHaveLength(1);
    const none: Partial<Question> = { press, answers: [], gaveUpAt: T0 + 5000, isTaken: false };
    expect(await answeredBreaks(none)).toHaveLength(1);
    const movedAfter = async (ms: number) => {
      const { world, record } = stage();
      record.questions.push(question(none));
      record.moves.push({ from: T0 + 1000 + ms, to: T0 + 3000 });
      return broken({ world, record });
    };
    expect(await movedAfter(600)).toEqual([]);
    expect(await movedAfter(601)).toHaveLength(1);
  });

  test('a cancelled press must not be asked, be in the chat history or be answered', async () => {
    const cancelled: Partial<Question> = { press: 'cancelled', isTaken: false, answers: [] };
    const broke = [['answered', 7, 'the press of question 1 was cancelled, and is a turn']];
    expect(await answeredBreaks(cancelled)).toEqual([]);
    expect(await answeredBreaks({ ...cancelled, isTaken: true })).toEqual(broke);
    expect(await answeredBreaks({ ...cancelled, answers: [T0 + 1100] })).toEqual(broke);
    expect(await askedBreaks(asked([1]), stage(), cancelled)).toEqual(broke);
    // Its plugin cannot clear sound.
    const { world, record } = stage();
    record.questions.push(question({ ...cancelled, isTaken: true, agent: 'gemini' }));
    const { breaks, checked } = await judged({ world, record });
    expect([breaks, checked.answered.checked]).toEqual([[], 0]);
  });

  test('a look gives Gemini a second answer, and a slow tool does not', async () => {
    const answers = [T0 + 1100, T0 + 1200];
    const of = (agent: Question['agent'], ...tools: Question['tools']) =>
      answeredBreaks({ agent, tools, answers });
    expect(await of('gemini', 'look')).toEqual([]);
    expect(await of('gemini', 'slow')).toHaveLength(1);
    expect(await of('openai', 'look')).toHaveLength(1);
    expect(await of('pipeline', 'look')).toHaveLength(1);
  });

  test('a tool, a stall and a move each give an answer longer', async () => {
    const late = (ms: number) => ({ answers: [T0 + 1000 + LIMIT_MS + ms] });
    const tools = ['slow'] as const;
    expect(await answeredBreaks({ ...late(2500), tools })).toEqual([]);
    expect(await answeredBreaks({ ...late(2501), tools })).toHaveLength(1);
    const stalls = { between: (from: number) => (from === T0 + 1000 ? 50 : 0) };
    expect(await answeredBreaks(late(100), { stalls })).toEqual([]);
    expect(await answeredBreaks(late(101), { stalls })).toHaveLength(1);
    const moved = async (ms: number, move: { from: number; to?: number }) => {
      const { world, record } = stage();
      record.questions.push(question(late(ms)));
      record.moves.push(move);
      return broken({ world, record });
    };
    expect(await moved(4000, { from: T0 + 900 })).toEqual([]);
    expect(await moved(4001, { from: T0 + 900 })).toHaveLength(1);
    expect(await moved(1, { from: T0 + 900, to: T0 + 999 })).toEqual([]);
    expect(await moved(1, { from: T0 + 900, to: T0 + 998 })).toHaveLength(1);
    expect(await moved(1, { from: T0 + 1001 })).toEqual([]);
    expect(await moved(1, { from: T0 + 1002 })).toHaveLength(1);
  });

  test('an earlier question that is still busy gives the next one longer', async () => {
    const following = async (earlier: Partial<Question>) => {
      const { world, record } = stage();
      record.questions.push(question({ at: T0, ...earlier }));
      record.questions.push(question({ number: 2, answers: [T0 + 1001 + LIMIT_MS] }));
      return broken({ world, record });
    };
    expect(await following({ answers: [T0 + 901] })).toEqual([]);
    expect(await following({ answers: [T0 + 900] })).toHaveLength(1);
    expect(await following({ answers: [], cutOff: { at: T0 + 901, by: 'x' } })).toEqual([]);
    expect(await following({ number: 3, answers: [T0 + 901] })).toHaveLength(1);
  });

  test('a step that failed breaks it', async () => {
    const { world, record } = stage();
    record.problems.push({ step: 3, what: 'join does not end' });
    expect(await broken({ world, record })).toEqual([['answered', 3, 'join does not end']]);
  });
});

describe('the other promises without pictures', () => {
  test('an uncaught error, an end by itself and a refusal break the promise to live', async () => {
    const { world, record } = stage();
    record.uncaught.push('Error: x');
    record.closedBy = 'error';
    record.refused.push('the service of gemini refused: y');
    expect(await broken({ world, record })).toEqual([
      ['alive', 0, 'uncaught error: Error: x'],
      ['alive', 0, 'the agent session closed by itself: error'],
      ['alive', 0, 'the service of gemini refused: y'],
    ]);
  });

  test('each thing that is left breaks the promise to leave nothing', async () => {
    const { breaks, checked } = await judged({ ...stage(), left: ['a timer', 'a listener'] });
    expect(breaks.map(({ message }) => message)).toEqual(['a timer', 'a listener']);
    expect(checked.nothingLeft).toMatchObject({ checked: 1, broken: 2 });
  });

  test('a speech is checked unless the machine lost sound, and then counts as unmeasured', async () => {
    const { world, record } = stage();
    record.speeches.push({ step: 1, at: T0, ms: 400, doneAt: T0 + 400 });
    record.speeches.push({ step: 2, at: T0 + 5000, ms: 400, doneAt: T0 + 5400 });
    const isWhole = (from: number) => from < T0 + 5000;
    const heard = { steps: [5], sounds: [], isWhole };
    const { breaks, checked } = await judged({ world, record, heard });
    expect(checked.heard).toEqual({ checked: 1, broken: 1, unmeasured: 1 });
    expect(breaks).toMatchObject([{ promise: 'heard', step: 2 }]);
  });
});

/** What is broken by a request with these pictures for the only question. */
async function askedBreaks(
  request: Asked,
  { world, record }: Pick<Evidence, 'record' | 'world'> = stage(),
  one: Partial<Question> = {},
  more: object = {},
) {
  at(1100);
  record.questions.push(question({ agent: request.agent, ...one }));
  record.asked.push(request);
  return broken({ world, record, ...more });
}

describe('the promise to see', () => {
  test('a turn with the newest picture keeps it, and is checked', async () => {
    const { world, record } = stage();
    record.questions.push(question());
    record.asked.push(asked([1]), asked([1], { question: 9 }));
    const { breaks, checked } = await judged({ world, record });
    expect(breaks).toEqual([]);
    expect(checked.seen.checked).toBe(1);
    expect(checked.off.checked).toBe(1);
  });

  test('an answer of a realtime model to speech, with a text that was typed meanwhile, needs no picture of the turn', async () => {
    expect(await askedBreaks(asked([], { agent: 'gemini', isSpeech: true }))).toEqual([]);
    expect(await askedBreaks(asked([], { agent: 'gemini' }))).toEqual([
      ['seen', 7, 'the request of question 1 to gemini has no picture'],
    ]);
  });

  test('an older picture, none, and one that was never shown break it', async () => {
    const older = stage();
    at(100);
    older.world.show(older.camera);
    see(older.camera);
    expect(await askedBreaks(asked([1]), older)).toEqual([
      [
        'seen',
        7,
        'the request of question 1 to pipeline has picture 1 of the camera of user, which is not the newest picture',
      ],
    ]);
    expect(await askedBreaks(asked([]))).toEqual([
      ['seen', 7, 'the request of question 1 to pipeline has no picture'],
    ]);
    expect(await askedBreaks(asked([8]))).toEqual([
      ['seen', 7, 'the request of question 1 to pipeline has a picture that was never shown'],
    ]);
  });

  test('a picture that the next one followed 60 ms before the question is still on its way', async () => {
    const shownAt = async (ms: number, more: object = {}) => {
      const there = stage();
      at(ms);
      there.world.show(there.camera);
      see(there.camera);
      return askedBreaks(asked([1]), there, {}, more);
    };
    expect(await shownAt(940)).toEqual([]);
    expect(await shownAt(939)).toHaveLength(1);
    const stalls = { between: (from: number) => (from === T0 + 500 ? 1 : 0) };
    expect(await shownAt(939, { stalls })).toEqual([]);
  });

  test('a request that the framework makes before the release of its button needs the picture of that moment', async () => {
    const early = (shownAt: number, request: Partial<Asked> = {}, one: Partial<Question> = {}) => {
      const there = stage();
      at(shownAt);
      there.world.show(there.camera);
      see(there.camera);
      const press = { press: 'released', at: T0 + 1500, ...one } as const;
      return askedBreaks(asked([1], request), there, press);
    };
    expect(await early(1040)).toEqual([]);
    expect(await early(1039)).toHaveLength(1);
    const look = { tools: ['lookAtCamera'] } as const;
    expect(await early(1040, { isFollowUp: true }, look)).toEqual([]);
    expect(await early(1039, { isFollowUp: true }, look)).toHaveLength(1);
  });

  test('a realtime model may have an earlier picture if a mask withholds that of the turn', async () => {
    const older = (more: object, agent: Asked['agent'] = 'openai') => {
      const there = stage();
      at(100);
      there.world.show(there.camera);
      see(there.camera);
      return askedBreaks(asked([1], { agent }), there, {}, more);
    };
    expect(await older({ mask: 'withholds' })).toEqual([]);
    expect(await older({ mask: 'covers' })).toHaveLength(1);
    expect(await older({ mask: 'slow' })).toHaveLength(1);
    expect(await older({ mask: 'withholds' }, 'pipeline')).toHaveLength(1);
  });

  test('two pictures of one turn break it for a pipeline only', async () => {
    expect(await askedBreaks(asked([1, 1]))).toEqual([
      ['seen', 7, 'the request of question 1 to pipeline has 2 pictures'],
    ]);
    expect(await askedBreaks(asked([1, 1], { agent: 'openai' }))).toEqual([]);
  });

  test('a picture on its side breaks it, unless the phone is', async () => {
    const turned = asked([1], { own: [picture(1, false)] });
    expect(await askedBreaks(turned)).toEqual([
      ['seen', 7, 'the request of question 1 to pipeline has a picture that is not upright'],
    ]);
    const { world, record } = stage();
    world.unshare(world.sharesOf('user')[0] as Share);
    see(world.share('user', 'camera', false));
    const onItsSide = asked([2], { own: [picture(2, false)] });
    expect(await askedBreaks(onItsSide, { world, record })).toEqual([]);
  });

  test('a model that takes no pictures must get none', async () => {
    for (const agent of ['textOnly', 'voiceOnly'] as const) {
      expect(await askedBreaks(asked([], { agent }))).toEqual([]);
      expect(await askedBreaks(asked([1], { agent }))).toEqual([
        [
          'seen',
          7,
          `the request of question 1 to ${agent} has a picture for a model that takes none`,
        ],
      ]);
    }
  });

  test('a picture while nothing is shown breaks it for a pipeline', async () => {
    const empty = () => {
      const there = stage();
      there.world.pin('screen');
      return there;
    };
    expect(await askedBreaks(asked([1]), empty())).toEqual([
      ['seen', 7, 'the request of question 1 to pipeline has a picture, and nothing is shown'],
    ]);
    expect(await askedBreaks(asked([]), empty())).toEqual([]);
    expect(await askedBreaks(asked([1], { agent: 'gemini' }), empty())).toEqual([]);
  });

  test('a realtime model must have the picture of a typed turn, not of a spoken one', async () => {
    const without = asked([], { agent: 'gemini' });
    expect(await askedBreaks(without)).toHaveLength(1);
    expect(await askedBreaks(without, stage(), { isSpoken: true })).toEqual([]);
    expect(await askedBreaks(asked([]), stage(), { isSpoken: true })).toHaveLength(1);
    expect(await askedBreaks(without, stage(), { press: 'released' })).toHaveLength(1);
  });

  test('a turn may miss its picture after its budget, after a long stall, and by a mask', async () => {
    const late = (ms: number) => askedBreaks(asked([], { at: T0 + 1000 + ms }));
    expect(await late(999)).toHaveLength(1);
    expect(await late(1000)).toEqual([]);
    const without = (more: object) => askedBreaks(asked([]), stage(), {}, more);
    expect(await without({ stalls: { between: () => 500 } })).toHaveLength(1);
    expect(await without({ stalls: { between: () => 501 } })).toEqual([]);
    expect(await without({ mask: 'withholds' })).toEqual([]);
    expect(await without({ mask: 'slow' })).toHaveLength(1);
    const moving = stage();
    moving.record.moves.push({ from: T0 + 1000 });
    expect(await askedBreaks(asked([]), moving, {}, { mask: 'slow' })).toEqual([]);
  });

  test('the pictures of earlier turns are checked for a pipeline, which can forget them', async () => {
    const earlier = [picture(8), picture(1)];
    const request = { own: earlier.slice(-1), pictures: earlier };
    expect(await askedBreaks(asked([1], { ...request, isFollowUp: true }))).toHaveLength(1);
    expect(await askedBreaks(asked([1], { ...request, agent: 'gemini' }))).toEqual([]);
  });
});

describe('the promise about pictures that were taken away', () => {
  const taking = {
    mute: 'seen it is muted',
    unshare: 'seen it is no longer shared',
    leave: 'seen its owner left',
    off: 'off the video is off',
  };
  const take = (by: keyof typeof taking, world: World, camera: Share) => {
    if (by === 'mute') world.mute(camera);
    if (by === 'unshare') world.unshare(camera);
    if (by === 'leave') world.leave('user');
    if (by === 'off') world.setMode('off');
  };

  test.each(Object.entries(taking))(
    'a request with a picture after its %s breaks it: %s',
    async (by, expected) => {
      const there = stage();
      at(1099);
      take(by as keyof typeof taking, there.world, there.camera);
      const [promise, ...why] = expected.split(' ');
      const message = `the request of question 1 to pipeline has picture 1 of the camera of user: ${why.join(' ')}`;
      expect(await askedBreaks(asked([1]), there)).toEqual([[promise, 7, message]]);
      const inTime = stage();
      at(1100);
      take(by as keyof typeof taking, inTime.world, inTime.camera);
      expect(await askedBreaks(asked([1]), inTime)).toEqual([]);
    },
  );

  test('a frame of a service may be on the wire for 50 ms, and longer while it stalls', async () => {
    const received = async (ms: number, more: object = {}) => {
      const { world, record } = stage();
      at(1000);
      world.setMode('off');
      record.received.push({ at: T0 + 1000 + ms, agent: 'gemini', picture: picture(1) });
      return judged({ world, record, ...more });
    };
    const inTime = await received(50);
    expect(inTime.breaks).toEqual([]);
    expect([inTime.checked.seen.checked, inTime.checked.off.checked]).toEqual([1, 1]);
    expect((await received(51)).breaks).toEqual([
      {
        promise: 'off',
        step: 0,
        message: 'a frame for gemini has picture 1 of the camera of user: the video is off',
      },
    ]);
    const stalls = { between: (from: number, to: number) => (to - from === 1000 ? 1 : 0) };
    expect((await received(51, { stalls })).breaks).toEqual([]);
  });

  test('a picture of a person whom the agent does not serve breaks the promise to see', async () => {
    const there = stage();
    there.world.join('guest');
    there.world.share('guest', 'camera');
    expect(await askedBreaks(asked([2], { isFollowUp: true }), there)).toEqual([
      [
        'seen',
        7,
        'the request of question 1 to pipeline has picture 2 of the camera of guest: not served',
      ],
    ]);
    const later = stage();
    later.world.join('guest');
    later.world.share('guest', 'camera');
    at(1100);
    later.world.leave('user');
    expect(await askedBreaks(asked([2], { isFollowUp: true }), later)).toEqual([]);
  });

  test('a picture that is shown while the video is off breaks the promise of off', async () => {
    const there = stage();
    there.world.setMode('off');
    at(500);
    there.world.show(there.camera);
    expect(await askedBreaks(asked([2], { isFollowUp: true }), there)).toMatchObject([
      ['off', 7, expect.stringContaining('picture 2 of the camera of user: off')],
    ]);
  });

  test('the level of a picture names the newest one that was shown by then', async () => {
    const there = stage();
    at(100);
    there.world.mute(there.camera);
    there.world.unmute(there.camera);
    for (let count = 0; count < 10; count++) there.world.show(there.camera);
    see(there.camera);
    expect(there.camera.current?.level).toBe(1);
    expect(await askedBreaks(asked([1]), there)).toEqual([]);
    at(1200);
    for (let count = 0; count < 10; count++) there.world.show(there.camera);
    at(1201);
    there.world.mute(there.camera);
    expect(await askedBreaks(asked([1]), { ...there, record: new StoryRecord() })).toEqual([]);
  });
});

describe('the pictures that are allowed', () => {
  const received = (levels: readonly number[]) => asked(levels, { isFollowUp: true });

  test('a card with a text is no picture of a person', async () => {
    const card = picture(0);
    card.data.fill(235, 0, 96 * 32);
    const request = asked([], { isFollowUp: true, pictures: [card] });
    expect(await askedBreaks(request)).toEqual([]);
  });

  test('a picture may be shown in the moment of the request, and not later', async () => {
    const shown = async (ms: number) => {
      const there = stage();
      at(ms);
      there.world.show(there.camera);
      return askedBreaks(received([2]), there);
    };
    expect(await shown(1100)).toEqual([]);
    expect(await shown(1101)).toHaveLength(1);
  });

  test('a picture that is hidden in the moment of the request is on its way', async () => {
    const hidden = async (ms: number) => {
      const there = stage();
      there.world.setMode('off');
      at(ms);
      there.world.show(there.camera);
      return askedBreaks(received([2]), there);
    };
    expect(await hidden(1100)).toEqual([]);
    expect(await hidden(1099)).toHaveLength(1);
  });
});

describe('the promise about looks', () => {
  const look = (levels: readonly number[], more: Partial<Asked> = {}) =>
    asked(levels, { isFollowUp: true, ...more });

  test('a look that was cut off before the request needs no picture', async () => {
    const tools = ['lookAtCamera'] as const;
    const cutOff = (at: number) => ({ tools, cutOff: { at: T0 + at, by: 'another question' } });
    expect(await askedBreaks(look([]), undefined, cutOff(1100))).toEqual([]);
    expect(await askedBreaks(look([]), undefined, cutOff(1101))).toHaveLength(1);
  });

  test.each(['camera', 'screen'] as const)(
    'a look at the %s needs the newest picture of that source',
    async (what) => {
      const tools = [what === 'camera' ? 'lookAtCamera' : 'lookAtScreen'] as const;
      const both = () => {
        const there = stage();
        see(there.world.share('user', 'screen'));
        return there;
      };
      const [own, other] = what === 'camera' ? [1, 2] : [2, 1];
      expect(await askedBreaks(look([other, own]), both(), { tools })).toEqual([]);
      expect(await askedBreaks(look([other]), both(), { tools })).toEqual([
        ['seen', 7, `the look at the ${what} of question 1 shows another`],
      ]);
      expect(await askedBreaks(look([]), both(), { tools })).toHaveLength(1);
      expect(await askedBreaks(look([]), both(), { tools: ['slow'] })).toEqual([]);
      expect(await askedBreaks(look([], { agent: 'gemini' }), both(), { tools })).toEqual([]);
      const mask = 'withholds';
      expect(await askedBreaks(look([]), both(), { tools }, { mask })).toEqual([]);
    },
  );

  test('a look at a source that is not shared all the time is not checked', async () => {
    const there = stage();
    at(1050);
    there.world.mute(there.camera);
    expect(await askedBreaks(look([]), there, { tools: ['lookAtCamera'] })).toEqual([]);
  });

  test('a look must not show what was shown before', async () => {
    const shown = async (ms: number) => {
      const there = stage();
      at(ms);
      there.world.show(there.camera);
      see(there.camera);
      return askedBreaks(look([1]), there, { tools: ['lookAtCamera'] });
    };
    expect(await shown(940)).toEqual([]);
    expect(await shown(939)).toHaveLength(1);
  });
});

describe('the promise of a mask', () => {
  test('a picture with the mark breaks it wherever it went, if the story has a mask', async () => {
    const { world, record } = stage();
    const marked = markedFrame(1, 0);
    record.questions.push(question());
    record.asked.push(asked([1], { pictures: [marked], own: [marked] }));
    record.received.push({ at: T0 + 1100, agent: 'gemini', picture: marked });
    record.handed.push({ step: 3, by: 'look()', picture: marked });
    record.handed.push({ step: 4, by: 'look()', picture: picture(1) });
    expect(await broken({ world, record })).toEqual([]);
    const { breaks, checked } = await judged({ world, record, mask: 'covers' });
    expect(breaks.map(({ promise, step, message }) => [promise, step, message])).toEqual([
      ['masked', 7, 'the request of question 1 to pipeline shows what the mask hides'],
      ['masked', 0, 'a frame for gemini shows what the mask hides'],
      ['masked', 3, 'the picture of look() shows what the mask hides'],
    ]);
    expect(checked.masked).toMatchObject({ checked: 4, broken: 3 });
  });
});
