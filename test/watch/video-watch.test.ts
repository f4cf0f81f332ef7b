import { setTimeout as wait } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { OptionError } from '../../src/errors.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { until, within } from '../../src/testing/waits.ts';
import { VideoWatch, type WatchNews } from '../../src/watch/video-watch.ts';
import type { VideoWatchOptions } from '../../src/watch/watch-options.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, type Stage, setStage, shownIn } from '../support/loopback.ts';

const camera = fileCamera();
let level = 5;
let showing: NodeJS.Timeout;
const watches: { stop(): void }[] = [];
beforeAll(() => {
  showing = setInterval(() => camera.show(level), 50);
});
afterEach(async () => {
  for (const watch of watches.splice(0)) watch.stop();
  await endStages();
  level = 5;
});
afterAll(async () => {
  clearInterval(showing);
});

function watchOf<Answer>(stage: Stage, options: VideoWatchOptions<Answer>): VideoWatch<Answer> {
  const watch = new VideoWatch(stage.video, options);
  watches.push(watch);
  return watch;
}

const next = <Answer, T extends WatchNews<Answer>['type']>(watch: VideoWatch<Answer>, type: T) =>
  within(
    type,
    new Promise<Extract<WatchNews<Answer>, { type: T }>>((resolve) => {
      const stop = watch.on(type, (event) => {
        stop();
        resolve(event as Extract<WatchNews<Answer>, { type: T }>);
      });
    }),
  );

const LUMA = 16 + 5 * 20;

describe('a watch with a detector', () => {
  test('a watch with a detector looks by its timer, and reports its results', async () => {
    const stage = await liveStage(camera);
    const watch = watchOf(stage, {
      everyMs: 50,
      decide: ({ frame }) => ({ act: true, luma: frame.data[0] }),
      act: 'event',
    });
    const acted = next(watch, 'acted');
    watch.start();
    watch.start();
    const { answer, frame } = await acted;
    expect(answer.luma).toBe(LUMA);
    expect(frame).toMatchObject({ source: 'camera', width: 96 });
    expect(watch.metrics()).toMatchObject({ acts: 1, failures: { look: 0, decide: 0, act: 0 } });
  });

  test('a watch with onSceneChange looks when the scene changes, and not before', async () => {
    const stage = await liveStage(camera);
    const seen: (number | undefined)[] = [];
    const watch = watchOf(stage, {
      onSceneChange: true,
      decide: ({ frame }) => {
        seen.push(frame.data[0]);
        return frame.data[0] === 16 + 9 * 20;
      },
      act: 'event',
    });
    const first = next(watch, 'look.decided');
    const acted = next(watch, 'acted');
    watch.start();
    await first;
    level = 9;
    await acted;
    expect(seen[0]).toBe(LUMA);
    expect(seen.length).toBeLessThanOrEqual(4);
  });

  test('a watch with a schedule looks at its times', async () => {
    const stage = await liveStage(camera);
    const asked: Date[] = [];
    const watch = watchOf(stage, {
      schedule: (after) => {
        asked.push(after);
        return asked.length > 2 ? null : new Date(after.getTime() + 150);
      },
      decide: () => false,
      act: 'event',
    });
    let looks = 0;
    watch.on('look.begun', () => looks++);
    watch.start();
    await until('two looks', () => watch.metrics().decisions >= 2);
    watch.stop();
    expect(looks).toBe(2);
    // It is called for the next time once a time has come, not before.
    const [first = 0, second = 0, third = 0] = asked.map((after) => after.getTime());
    expect(second - first).toBeGreaterThanOrEqual(150);
    expect(third - second).toBeGreaterThanOrEqual(150);
  });

  test('a detector that never answers is abandoned at its limit, and the next look begins after that', async () => {
    const stage = await liveStage(camera);
    let under = 0;
    let most = 0;
    const watch = watchOf(stage, {
      everyMs: 1,
      decide: (_, { signal }) => {
        most = Math.max(most, ++under);
        signal.addEventListener('abort', () => under--);
        return new Promise<boolean>(() => {});
      },
      act: 'event',
      limits: { decideTimeoutMs: 60, backOffMs: 20 },
    });
    const begun: number[] = [];
    watch.on('look.begun', () => begun.push(performance.now()));
    watch.start();
    await until('four looks', () => begun.length >= 4);
    watch.stop();
    expect(under).toBe(0);
    expect(most).toBe(1);
    expect(watch.metrics()).toMatchObject({ decisions: 0, acts: 0, failures: { decide: 3 } });
    // 60 ms of waiting, and 20, 40 and 80 ms until the next one.
    const [first = 0, , , fourth = 0] = begun;
    expect(fourth - first).toBeGreaterThanOrEqual(3 * 60 + 20 + 40 + 80 - 10);
  });

  test('a detector that fails is counted and called again later and later, and never twice at once', async () => {
    const stage = await liveStage(camera);
    let under = 0;
    let most = 0;
    let asked = 0;
    const watch = watchOf(stage, {
      everyMs: 1,
      decide: async () => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setImmediate(resolve));
        under--;
        if (++asked < 3) throw new Error('no idea');
        return true;
      },
      act: 'event',
      limits: { backOffMs: 20 },
    });
    const acted = next(watch, 'acted');
    watch.start();
    await acted;
    expect(most).toBe(1);
    expect(watch.metrics()).toMatchObject({ looks: 3, failures: { decide: 2 }, acts: 1 });
  });
});

describe('a watch that asks a model', () => {
  const question = (llm: RecordingLLM) => ({
    llm,
    question: 'Is it bright?',
    answer: z.object({ bright: z.boolean() }),
    when: ({ bright }: { bright: boolean }) => bright,
  });

  test('a watch that asks a model sends it the picture, and gets a typed answer', async () => {
    const eyes = new RecordingLLM();
    eyes.replies.push('```json\n{"bright": true}\n```');
    const stage = await liveStage(camera);
    const watch = watchOf(stage, { everyMs: 20, decide: question(eyes), act: 'event' });
    const acted = next(watch, 'acted');
    watch.start();
    expect((await acted).answer).toEqual({ bright: true });
    expect(eyes.last.text).toContain('Is it bright?');
    expect(await shownIn(eyes.last.ownPictures[0])).toMatchObject({ level: 5, format: 'jpeg' });
    expect(JSON.stringify(eyes.last.messages[0]?.parts)).toContain('bright');
    // The conversation does not contain the question.
    expect(stage.model.requests).toHaveLength(0);
  });

  test.each([
    ['{"bright": true}', { bright: true }],
    ['{"bright": "very"}', /it\.bright must be boolean/],
    ['{}', /it must have required property 'bright'/],
  ])('a watch that asks a model checks the answer %s by a JSON schema', async (reply, expected) => {
    const eyes = new RecordingLLM();
    eyes.replies.push(reply);
    const stage = await liveStage(camera);
    const answer = {
      type: 'object',
      properties: { bright: { type: 'boolean' } },
      required: ['bright'],
    };
    const watch = watchOf<{ bright: boolean }>(stage, {
      everyMs: 20,
      decide: { llm: eyes, question: 'Is it bright?', answer, when: ({ bright }) => bright },
      act: 'event',
    });
    const acted = next(watch, 'acted').then((event) => event.answer);
    const failed = next(watch, 'watch.failed').then((event) => event.error);
    acted.catch(() => {});
    failed.catch(() => {});
    watch.start();
    const outcome = await Promise.race([acted, failed]);
    if (expected instanceof RegExp) expect(outcome).toMatch(expected);
    else expect(outcome).toEqual(expected);
    expect(JSON.stringify(eyes.last.messages[0]?.parts)).toContain('required');
  });

  test("a watch that asks for text takes the model's words, even if they look like JSON", async () => {
    const eyes = new RecordingLLM();
    eyes.replies.push('42');
    const stage = await liveStage(camera);
    const watch = watchOf<string>(stage, {
      everyMs: 20,
      decide: { llm: eyes, question: 'Which number?', answer: { type: 'string' } },
      act: 'event',
    });
    const acted = next(watch, 'acted');
    watch.start();
    expect((await acted).answer).toBe('42');
  });

  test('a watch that asks a model reports an invalid answer, and does not act on it', async () => {
    const eyes = new RecordingLLM();
    eyes.replies.push('Well, hm.');
    const stage = await liveStage(camera);
    const watch = watchOf(stage, { everyMs: 20, decide: question(eyes), act: 'event' });
    const failed = next(watch, 'watch.failed');
    watch.start();
    expect(await failed).toMatchObject({
      step: 'decide',
      error: expect.stringContaining('does not match the schema'),
    });
    expect(watch.metrics().acts).toBe(0);
  });
});

describe('a watch with a voice', () => {
  test('a watch with a voice has the agent reply in a separate turn', async () => {
    const stage = await liveStage(camera);
    stage.model.replies.push('There is a sheet.');
    const watch = watchOf(stage, {
      everyMs: 20,
      decide: () => true,
      act: { reply: 'Say what there is.' },
      session: stage.session,
    });
    const done = next(watch, 'act.done');
    watch.start();
    await done;
    const said = stage.session.history.items.flatMap((item) =>
      item.type === 'message' ? [item.textContent] : [],
    );
    expect(said).toContain('There is a sheet.');
    // It replies to the picture that was its reason.
    expect(await shownIn(stage.model.last.pictures[0])).toMatchObject({ level: 5 });
    expect(stage.model.last.pictures).toHaveLength(1);
  });

  test('a watch with a voice waits while the user speaks', async () => {
    const stage = await liveStage(camera);
    stage.session._updateUserState('speaking');
    const watch = watchOf(stage, {
      everyMs: 20,
      decide: () => true,
      act: () => {},
      session: stage.session,
    });
    const decided = next(watch, 'look.decided');
    watch.start();
    await decided;
    // Time for ten more looks, if it took any.
    await wait(200);
    expect(watch.metrics().acts).toBe(0);
    const acted = next(watch, 'act.done');
    stage.session._updateUserState('listening');
    await acted;
  });
});

describe('the life of a watch', () => {
  test('a watch begins when its VideoSession is open, and ends with it', async () => {
    const stage = setStage(camera);
    const watch = watchOf(stage, { everyMs: 20, decide: () => false, act: 'event' });
    const begun = next(watch, 'watch.started');
    let hasBegun = false;
    void begun.then(() => {
      hasBegun = true;
    });
    watch.start();
    await wait(50);
    expect(hasBegun).toBe(false);
    await stage.start();
    await begun;
    const stopped = next(watch, 'watch.stopped');
    await stage.video.close();
    await stopped;
    expect(() => watch.start()).toThrow(/closed/);
    watch.stop();
  });

  test('a watch that is stopped before its VideoSession is open does not begin', async () => {
    const stage = setStage(camera);
    const [stopped, other] = ['stopped', 'other'].map(() =>
      watchOf(stage, { everyMs: 20, decide: () => false, act: 'event' }),
    ) as [VideoWatch<boolean>, VideoWatch<boolean>];
    const begun = vi.fn();
    stopped.on('watch.started', begun);
    stopped.start();
    stopped.stop();
    other.start();
    const otherBegun = next(other, 'watch.started');
    await stage.start();
    await otherBegun;
    expect(begun).not.toHaveBeenCalled();
  });

  test('a watch whose VideoSession is closed leaves no timer of its budget, even if it was stopped before', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    try {
      const stage = await liveStage(camera);
      const watch = watchOf(stage, { everyMs: 10, decide: () => true, act: 'event' });
      const acted = next(watch, 'acted');
      watch.start();
      await acted;
      watch.stop();
      await stage.video.close();
      const budget = set.mock.results.filter(
        (_, index) => Number(set.mock.calls[index]?.[1]) >= 60_000,
      );
      expect(budget.length).toBeGreaterThanOrEqual(2);
      const left = new Set(cleared.mock.calls.map(([timer]) => timer));
      expect(budget.filter(({ value }) => !left.has(value))).toEqual([]);
      watch.stop();
      expect(() => watch.start()).toThrow(/closed/);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('a watch that is stopped twice stops once, and can be started again', async () => {
    const stage = await liveStage(camera);
    const watch = watchOf(stage, { everyMs: 20, decide: () => false, act: 'event' });
    let stops = 0;
    watch.on('watch.stopped', () => stops++);
    watch.start();
    watch.stop();
    watch.stop();
    expect(stops).toBe(1);
    const decided = next(watch, 'look.decided');
    watch.start();
    await decided;
  });
});

const QUESTION = { llm: new RecordingLLM(), question: 'Is it bright?', answer: z.boolean() };

test.each<[string, object]>([
  ['everyMs', {}],
  ['everyMs', { everyMs: 0 }],
  ['decide', { everyMs: 1, decide: 'yes' }],
  ['decide.question', { everyMs: 1, decide: { ...QUESTION, question: ' ' } }],
  ['decide.answer', { everyMs: 1, decide: { ...QUESTION, answer: undefined } }],
  ['decide.answer', { everyMs: 1, decide: { ...QUESTION, answer: {} } }],
  ['decide.answer.type', { everyMs: 1, decide: { ...QUESTION, answer: { type: 'bool' } } }],
  ['act', { everyMs: 1, act: {} }],
  ['session', { everyMs: 1, act: { say: 'Hello' } }],
  ['confirm.of', { everyMs: 1, confirm: { looks: 3, of: 2 } }],
  ['floor', { everyMs: 1, floor: 'shout' }],
  ['schedule', { schedule: ['25:00'] }],
  ['schedule', { schedule: '09:00' }],
  ['onSceneChange.threshold', { onSceneChange: { threshold: 7 } }],
])('an invalid option is named: %s', (option, change) => {
  const video = { look: () => Promise.reject(new Error('no frame')) };
  const options = { decide: () => false, act: 'event' as const, ...change };
  const make = () => new VideoWatch(video, options as VideoWatchOptions<boolean>);
  expect(make).toThrow(OptionError);
  expect(make).toThrow(expect.objectContaining({ option }));
});

test('the session states that a watch uses exist', () => {
  expect(voice.AgentSessionEventTypes).toMatchObject({
    UserStateChanged: expect.any(String),
    AgentStateChanged: expect.any(String),
  });
});

test('a watch with its own detector needs no model of the agent', async () => {
  const stage = setStage(camera, { make: () => new voice.AgentSession() });
  const blind: string[] = [];
  stage.video.on('model.blind', ({ reason }) => blind.push(reason));
  const watch = watchOf(stage, { everyMs: 20, decide: () => true, act: 'event' });
  const acted = next(watch, 'acted');
  watch.start();
  await stage.start();
  await stage.cameraOn();
  expect(await acted).toMatchObject({ answer: true });
  expect(blind).toEqual([]);
});

test('a session with a watch still shows the model of its agent each turn', async () => {
  const stage = setStage(camera, { make: () => new voice.AgentSession() });
  watchOf(stage, { everyMs: 60_000, decide: () => false, act: 'event' });
  const llm = stage.model;
  await stage.video.start({ agent: new voice.Agent({ instructions: 'Look.', llm }) });
  await stage.cameraOn();
  await stage.video.look();
  await stage.type('What is it?');
  expect(llm.last.pictures).toHaveLength(1);
});

test('a handler that is added twice and removed twice was called once per event', async () => {
  const stage = await liveStage(camera);
  const watch = watchOf(stage, { everyMs: 60_000, decide: () => false, act: 'event' });
  let count = 0;
  const handler = async () => {
    count++;
    throw new Error('my fault');
  };
  const stop = watch.on('watch.started', handler);
  watch.on('watch.started', handler);
  stop();
  stop();
  watch.start();
  expect(count).toBe(1);
});
