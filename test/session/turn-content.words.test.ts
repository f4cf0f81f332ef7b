import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EncodedImage } from '../../src/frames/encode.ts';
import type { GatePicture } from '../../src/frames/gate.types.ts';
import type { PictureDescriber } from '../../src/models/describe-pictures.ts';
import { TurnContent } from '../../src/session/turn-content.ts';
import { picture } from '../support/frames/gate-picture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

const grey = { width: 4, height: 4, channels: 3, background: '#555' } as const;
const data = await sharp({ create: grey }).png().toBuffer();
const IMAGE: EncodedImage = { data, mimeType: 'image/png', width: 4, height: 4 };
const NEVER = new AbortController().signal;

interface Shown {
  trackSid?: string;
  isOff?: () => boolean;
  /** Which half of the picture is bright. */
  scene?: 'left' | 'right';
}

/** A picture of a camera or a screen that was taken at 14:03:05. */
function shown(sourceId: string, { trackSid = 'TR_1', isOff, scene = 'left' }: Shown = {}) {
  const made = picture(1, { sourceId, trackSid, ...(isOff && { isOff }) });
  const side = scene === 'left' ? 0 : 1;
  return {
    ...made,
    ref: { ...made.ref, receivedAt: Date.UTC(2030, 0, 1, 14, 3, 5) },
    luma: (width, height) => ({
      ...{ width, height, edges: 0, textures: new Float32Array(width * height) },
      means: Float32Array.from({ length: width * height }, (_, i) =>
        Math.floor((i % width) / (width / 2)) === side ? 200 : 20,
      ),
    }),
    handOver: () => (isOff?.() ? undefined : IMAGE),
  } satisfies GatePicture;
}

/** Words about pictures from a describer that a test controls. */
function stage({ cacheMs = 1000, timeoutMs = 60_000 } = {}) {
  const questions: string[] = [];
  const contents: unknown[] = [];
  const signals: AbortSignal[] = [];
  const errors: unknown[] = [];
  const withdrawals: (() => void)[] = [];
  const state = { answer: async (): Promise<string> => `words ${questions.length}` };
  const describer = {
    ...{ cacheMs, timeoutMs },
    describe: (content: unknown, question: string, signal: AbortSignal) => {
      contents.push(content);
      questions.push(question);
      signals.push(signal);
      return state.answer();
    },
  } as unknown as PictureDescriber;
  const speech = new AbortController();
  const requests: AbortSignal[] = [];
  const content = new TurnContent({
    gate: {
      keepRevocable: (_, what, withdraw) => void withdrawals.push(() => withdraw(what)),
    },
    speeches: {
      interrupted: (over) => {
        requests.push(over);
        return speech.signal;
      },
    },
    ...{ detail: 'auto', isLabelled: false, describer },
    onError: (error) => errors.push(error),
  });
  const words = async (newest: GatePicture[], ended = NEVER) =>
    (await content.words({ earlier: [], newest }, 'What is it?', ended)).map(({ line }) => line);
  return {
    ...{ content, words, state, questions, contents, signals, errors },
    ...{ withdrawals, speech, requests },
  };
}

/** Settles when a description is under way. */
const asked = ({ questions }: { questions: string[] }) =>
  vi.waitFor(() => expect(questions).not.toEqual([]));

/** A description that ends only with its signal. */
const untilAborted = ({ signals }: { signals: AbortSignal[] }) =>
  new Promise<string>((_, reject) => {
    signals.at(-1)?.addEventListener('abort', () => reject(new Error('aborted')));
  });

test('the words about a picture name its source and its time, for the question of the turn', async () => {
  const { words, questions, requests } = stage();
  expect(await words([shown('camera')])).toEqual([
    '[What the camera shows at 14:03:05 UTC: words 1]',
  ]);
  expect(questions).toEqual(['What is it?']);
  // The speech of the request is no longer watched.
  expect(requests.map(({ aborted }) => aborted)).toEqual([true]);
});

test('words are used again while they are younger than cacheMs, for the same track and scene', async () => {
  const { words, questions } = stage({ cacheMs: 1000 });
  const count = async (...what: Parameters<typeof shown>) => {
    await words([shown(...what)]);
    return questions.length;
  };
  expect(await count('camera')).toBe(1);
  vi.advanceTimersByTime(999);
  expect(await count('camera')).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await count('camera')).toBe(2);
  expect(await count('camera', { trackSid: 'TR_2' })).toBe(3);
  expect(await count('camera', { trackSid: 'TR_2', scene: 'right' })).toBe(4);
  expect(await count('camera', { trackSid: 'TR_2', scene: 'right' })).toBe(4);
});

test('words about a picture that was taken away are not used again', async () => {
  const { words, questions, withdrawals } = stage();
  await words([shown('camera')]);
  for (const withdraw of withdrawals) withdraw();
  await words([shown('camera')]);
  expect(questions).toHaveLength(2);
});

test('a picture that is off is neither described nor named', async () => {
  const { content, words, questions } = stage();
  expect(await words([shown('camera', { isOff: () => true })])).toEqual([]);
  expect(questions).toEqual([]);
  let isOff = false;
  const newest = [shown('camera', { isOff: () => isOff })];
  const made = await content.words({ earlier: [], newest }, '', NEVER);
  expect(content.shownWords(made)).toHaveLength(1);
  isOff = true;
  expect(content.shownWords(made)).toEqual([]);
});

test('a turn fails only if no picture could be described, with the first error', async () => {
  const one = stage();
  const [first, second] = [new Error('first'), new Error('second')];
  const failures: (Error | undefined)[] = [first, undefined, first, second];
  one.state.answer = async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    return 'A table.';
  };
  const both = () => [shown('camera'), shown('screen', { trackSid: 'TR_2' })];
  expect(await one.words(both())).toHaveLength(1);
  expect(one.errors).toEqual([first]);
  vi.advanceTimersByTime(2000);
  await expect(one.words(both())).rejects.toBe(first);
  expect(one.errors).toEqual([first, first, second]);
  // Each request is over, whether it failed or not.
  expect(one.requests.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('a description that takes longer than its limit is an error that names the limit', async () => {
  const at = stage({ timeoutMs: 1 });
  at.state.answer = () => untilAborted(at);
  await expect(at.words([shown('camera')])).rejects.toThrow('no description within 1 ms');
});

test.each<[string, (at: ReturnType<typeof stage>, ended: AbortController) => void]>([
  ['the session closes', ({ content }) => content.close()],
  ['the speech is interrupted', ({ speech }) => speech.abort()],
  ['the turn ends', (_, ended) => ended.abort()],
  ['the picture is taken away', ({ withdrawals }) => withdrawals.at(-1)?.()],
])('a description ends without words or an error if %s', async (_, end) => {
  const at = stage();
  at.state.answer = () => untilAborted(at);
  const ended = new AbortController();
  const words = at.words([shown('camera')], ended.signal);
  await asked(at);
  const isLate = new Promise(setImmediate).then(() => ['it still waits']);
  end(at, ended);
  expect(await Promise.race([words, isLate])).toEqual([]);
  expect(at.errors).toEqual([]);
});

test('a picture that is taken away is no longer in the request for its description', async () => {
  const at = stage();
  at.state.answer = () => untilAborted(at);
  const words = at.words([shown('camera')]);
  await asked(at);
  const hasPixels = () => JSON.stringify(at.contents).includes(data.toString('base64'));
  expect(hasPixels()).toBe(true);
  for (const withdraw of at.withdrawals) withdraw();
  expect(hasPixels()).toBe(false);
  await words;
});

test('words that come after their picture was taken away are dropped, and not used again', async () => {
  const { words, state, questions } = stage();
  let isOff = false;
  state.answer = async () => {
    isOff = true;
    return 'A secret.';
  };
  expect(await words([shown('camera', { isOff: () => isOff })])).toEqual([]);
  isOff = false;
  state.answer = async () => 'A cup.';
  expect(await words([shown('camera')])).toEqual([expect.stringContaining('A cup.')]);
  expect(questions).toHaveLength(2);
});

test('a session without a describer has no words', async () => {
  const content = new TurnContent({
    ...{ gate: { keepRevocable: () => {} }, speeches: { interrupted: () => NEVER } },
    ...{ detail: 'auto', isLabelled: false, describer: undefined, onError: () => {} },
  });
  expect(content.hasWords).toBe(false);
  expect(stage().content.hasWords).toBe(true);
  const newest = [shown('camera')];
  expect(await content.words({ earlier: [], newest }, '', NEVER)).toEqual([]);
});
