import { log, voice } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import type { VideoWatchOptions } from '../../src/watch/watch-options.ts';
import type { WatchedVideo } from '../../src/watch/watched-video.ts';

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const EVERY_MS = 1000;
const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const frame = (id: number) => ({ id, trackSid: 'TR', frame: greyFrame(3) }) as SeenFrame;

/** A watch of a video that is no session, what it reports, and the number of looks. */
function watched<Answer = unknown>(
  options: Partial<VideoWatchOptions<Answer>> = {},
  video: Partial<WatchedVideo> = {},
) {
  const state = { looks: 0 };
  const watch = new VideoWatch<Answer>({ look: async () => frame(++state.looks), ...video }, {
    ...{ everyMs: EVERY_MS, decide: () => false as never, act: 'event', coolDownMs: 0 },
    ...options,
  } as VideoWatchOptions<Answer>);
  const news: string[] = [];
  for (const type of ['acted', 'watch.failed', 'watch.started', 'watch.stopped'] as const)
    watch.on(type, () => news.push(type));
  return { watch, news, state };
}

test('a watch of an own video starts at once, and no timer is due after its stop', async () => {
  const { watch, news, state } = watched();
  watch.start();
  expect(news).toEqual(['watch.started']);
  await elapse(3 * EVERY_MS);
  const { looks } = state;
  expect(looks).toBeGreaterThanOrEqual(3);
  watch.stop();
  await elapse(10 * EVERY_MS);
  expect(state.looks).toBe(looks);
  expect(news).toEqual(['watch.started', 'watch.stopped']);
});

test.each<[unknown, boolean]>([
  [true, true],
  ['a word', true],
  [{ bright: false }, true],
  [{ act: true }, true],
  [{ act: 0 }, false],
  [{ act: false, bright: true }, false],
  ['', false],
  [0, false],
  [null, false],
  [undefined, false],
])('the answer %o of a detector is a reason to act: %s', async (answer, isReason) => {
  const { watch, news } = watched({ decide: () => answer });
  watch.start();
  await elapse(EVERY_MS);
  watch.stop();
  expect(news.includes('acted')).toBe(isReason);
});

test('each act gets the answer and the frame of its own look', async () => {
  const acts: [unknown, number][] = [];
  const { watch } = watched<number>({
    decide: async ({ id }) => id * 10,
    act: ({ answer, frame: { id } }) => acts.push([answer, id]),
  });
  const acted: [number, number, number][] = [];
  watch.on('acted', ({ lookId, answer, frame: { id } }) => acted.push([lookId, answer, id]));
  watch.start();
  await elapse(5 * EVERY_MS);
  watch.stop();
  expect(acts.slice(0, 2)).toEqual([
    [10, 1],
    [20, 2],
  ]);
  expect(acted.map(([, answer, id]) => [answer, id])).toEqual(acts);
  expect(new Set(acted.map(([lookId]) => lookId)).size).toBe(acted.length);
});

test('a watch that stops during an act reports no act, and one that stops during a look takes no frame', async () => {
  let end = () => {};
  const acting = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const { watch, news } = watched({ decide: () => true, act: acting });
  watch.start();
  await elapse(EVERY_MS);
  expect(acting).toHaveBeenCalledOnce();
  watch.stop();
  end();
  await elapse(0);
  expect(news).toEqual(['watch.started', 'watch.stopped']);

  let shown: (seen: SeenFrame) => void = () => {};
  const decide = vi.fn(() => false);
  const late = watched(
    { decide },
    {
      look: () =>
        new Promise((resolve) => {
          shown = resolve;
        }),
    },
  );
  late.watch.start();
  await elapse(EVERY_MS);
  late.watch.stop();
  shown(frame(1));
  await elapse(EVERY_MS);
  expect(decide).not.toHaveBeenCalled();
});

test('the figures of a watch count looks, failures and dropped acts, and are a snapshot', async () => {
  let fails = true;
  const { watch } = watched(
    { decide: () => true },
    {
      look: async () => {
        if (fails) throw new Error('no camera');
        return frame(1);
      },
    },
  );
  watch.start();
  const before = watch.metrics();
  await elapse(EVERY_MS);
  const failed = watch.metrics();
  expect(before.failures.look).toBe(0);
  expect(failed).toMatchObject({ looks: 1, decisions: 0, acts: 0, failures: { look: 1 } });
  fails = false;
  await elapse(10 * EVERY_MS);
  expect(failed).toMatchObject({ looks: 1, decisions: 0, acts: 0 });
  const { looks, decisions, acts, failures } = watch.metrics();
  expect([looks - decisions, acts]).toEqual([1, decisions]);
  expect(failures).toEqual({ schedule: 0, look: 1, decide: 0, act: 0 });
  watch.stop();
});

test('an act that is dropped because the user speaks is counted', async () => {
  const session = new voice.AgentSession({ vad: null });
  session._updateUserState('speaking');
  const act = vi.fn();
  const { watch } = watched({ decide: () => true, act, floor: 'drop', session });
  watch.start();
  await elapse(EVERY_MS);
  watch.stop();
  expect(act).not.toHaveBeenCalled();
  expect(watch.metrics().dropped).toBeGreaterThan(0);
  expect(watch.metrics().acts).toBe(0);
});

test('a schedule that fails is a failure of the watch', async () => {
  const schedule = () => {
    throw new Error('no calendar');
  };
  const { watch, news } = watched({ schedule });
  const failures: string[] = [];
  watch.on('watch.failed', ({ step, error }) => failures.push(`${step}: ${error}`));
  watch.start();
  expect(failures).toEqual(['schedule: Error: no calendar']);
  expect(news).toContain('watch.failed');
  expect(watch.metrics().failures).toEqual({ schedule: 1, look: 0, decide: 0, act: 0 });
  watch.stop();
});

test('each cause of a failure is logged once, without secrets', async () => {
  const key = `sk-proj-${'aB3dE5gH7jK9mN1p'.repeat(3)}`;
  const lines: unknown[][] = [];
  vi.spyOn(log(), 'warn').mockImplementation((...line: unknown[]) => void lines.push(line));
  const { watch } = watched({
    decide: () => {
      throw new Error(`refused: ${key}`);
    },
    limits: { backOffMs: 10, maxBackOffMs: 10 },
  });
  watch.on('watch.failed', () => {
    throw new Error('my fault');
  });
  watch.start();
  await elapse(5 * EVERY_MS);
  watch.stop();
  expect(watch.metrics().failures.decide).toBeGreaterThan(1);
  expect(lines.map(([, text]) => text)).toEqual([
    expect.stringMatching(/^watch: decide failed: .*refused/),
    expect.stringMatching(/^watch: handler failed: .*my fault/),
  ]);
  expect(JSON.stringify(lines)).not.toContain(key);
});

test('a watch is announced to its video once, and uses the session that is given to it', async () => {
  const [own, other] = [1, 2].map(() => new voice.AgentSession({ vad: null }));
  const expectWatch = vi.fn();
  const sessions: unknown[] = [];
  const decide = () => true;
  const act = ({ session }: { session: unknown }) => sessions.push(session);
  for (const options of [{}, { session: other as voice.AgentSession }]) {
    const { watch } = watched(
      { ...options, decide, act, floor: 'ignore' },
      { agentSession: own as voice.AgentSession, expectWatch },
    );
    watch.start();
    await elapse(EVERY_MS);
    watch.stop();
  }
  expect(sessions.map((session) => [own, other].indexOf(session as never))).toEqual([0, 1]);
  expect(expectWatch).toHaveBeenCalledTimes(2);
});

test('a decision that is under way at the stop of a watch is aborted, and its answer is not used', async () => {
  let decided: (answer: boolean) => void = () => {};
  const signals: AbortSignal[] = [];
  const { watch, news } = watched({
    decide: (_, { signal }) => {
      signals.push(signal);
      return new Promise((resolve) => {
        decided = resolve;
      });
    },
  });
  watch.start();
  await elapse(EVERY_MS);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  watch.stop();
  decided(true);
  await elapse(EVERY_MS);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(news).toEqual(['watch.started', 'watch.stopped']);
});

test('a watch keeps the process alive while it runs, and the timers of its budget do not after that', async () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const { watch } = watched();
  watch.start();
  await elapse(EVERY_MS);
  const ofBudget = () =>
    set.mock.results.flatMap(({ value }, index) =>
      Number(set.mock.calls[index]?.[1]) >= 60_000 ? (value as NodeJS.Timeout).hasRef() : [],
    );
  expect(ofBudget()).toEqual([true]);
  watch.stop();
  expect(ofBudget()).toEqual([false]);
  watch.start();
  expect(ofBudget()).toEqual([true]);
  watch.stop();
});
