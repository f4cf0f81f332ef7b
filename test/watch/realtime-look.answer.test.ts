import { EventEmitter } from 'node:events';
import { log, voice } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import type { VideoSession } from '../../src/video-session.ts';
import { showRealtime } from '../../src/watch/realtime-look.ts';

const { ConversationItemAdded, FunctionToolsExecuted } = voice.AgentSessionEventTypes;
const FRAME = { id: 5, trackSid: 'TR', source: 'camera' } as SeenFrame;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const elapse = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Gemini's look tool was called, and its answer is not sent yet. */
async function pendingLook({ frame = FRAME, result = 'tool-pending' } = {}) {
  const model = (midSessionChatCtxUpdate = true) => ({
    realtimeModel: { capabilities: { midSessionChatCtxUpdate } },
    ...{ sessionShouldClose: {}, markRestartNeeded: () => {} },
    shouldBlockRealtimeInputForPendingTools: () => state.isHeld,
  });
  const state = {
    isHeld: true,
    /** What becomes of the next pictures. */
    results: [result] as (string | Error)[],
    /** What is looked at. */
    looks: [] as unknown[],
    shown: 0,
    said: [] as string[],
    /** Observers of the video session's end. */
    watching: new Set<object>(),
  };
  let complete = () => {};
  const ends: (() => void)[] = [];
  const speech = { interrupt: vi.fn(), addDoneCallback: (end: () => void) => ends.push(end) };
  const session = Object.assign(new EventEmitter(), {
    history: { items: [] as object[] },
    _activity: { realtimeLLMSession: model() },
    generateReply({ instructions }: { instructions: string }) {
      state.said.push(instructions);
      return speech;
    },
  });
  const video = {
    on: () => () => {},
    look: async (look: unknown) => {
      state.looks.push(look);
      return frame;
    },
    showRealtime: async () => {
      state.shown += 1;
      const next = state.results.shift() ?? 'sent';
      if (next instanceof Error) throw next;
      return next;
    },
    actor: {
      getSnapshot: () => ({ context: { sources: {}, follow: [] } }),
      subscribe(observer: { complete(): void }) {
        complete = observer.complete;
        state.watching.add(observer);
        return { unsubscribe: () => state.watching.delete(observer) };
      },
    },
  };
  const announced = await showRealtime(
    {
      ...{ video: video as unknown as VideoSession, request: { source: 'current' } },
      ...{ session: session as unknown as voice.AgentSession, callId: 'mine', timeoutMs: 1000 },
    },
    new AbortController().signal,
  );
  const answer = (callId = 'mine') =>
    session.emit(FunctionToolsExecuted, { functionCalls: [{ callId }] });
  const add = (role: string) => {
    const item = { type: 'message', role };
    session.history.items.push(item);
    session.emit(ConversationItemAdded, { item });
  };
  const left = () => [
    ...[session.listenerCount(FunctionToolsExecuted), session.listenerCount(ConversationItemAdded)],
    ...[state.watching.size, vi.getTimerCount()],
  ];
  const end = () => {
    for (const done of ends) done();
  };
  return {
    ...{ state, session, speech, announced, model },
    ...{ answer, add, left, end, close: () => complete() },
  };
}

const NOTHING = [0, 0, 0, 0];

test('a picture follows the answer of its own call, as soon as the model takes it', async () => {
  const { state, announced, answer, left, end } = await pendingLook();
  expect(announced).toMatch(/^The picture of the camera follows this answer\./);
  state.isHeld = false;
  answer('another');
  await elapse(100);
  expect(state.shown).toBe(1);
  state.isHeld = true;
  answer();
  answer();
  await elapse(1000);
  expect(state.shown).toBe(1);
  state.isHeld = false;
  // The plugin has no event for it.
  await elapse(20);
  expect(state.shown).toBe(2);
  expect(state.said).toEqual([
    'The picture of the camera that you requested is there now: continue with it.',
  ]);
  end();
  expect(left()).toEqual(NOTHING);
});

test.each([
  [undefined, {}],
  [false, {}],
  [true, { frameId: 5 }],
])(
  'the picture after the answer is a fresh one, unless the model was shown it: %s',
  async (wasShown, look) => {
    const { state, answer } = await pendingLook({ frame: { ...FRAME, wasShown } as SeenFrame });
    state.isHeld = false;
    answer();
    await elapse(0);
    expect(state.looks).toEqual([{}, look]);
  },
);

test('a picture that cannot be sent at all is an error of the call', async () => {
  await expect(pendingLook({ result: 'not-connected' })).rejects.toThrow(
    'the picture could not be sent: not-connected',
  );
});

test('a picture that meets the next tool call is shown after that one', async () => {
  const { state, answer } = await pendingLook();
  state.isHeld = false;
  state.results.push('tool-pending');
  answer();
  await elapse(0);
  expect([state.shown, state.said.length]).toEqual([3, 1]);
});

test('a user who asks something else while the picture comes is answered once', async () => {
  const { state, answer, add, left } = await pendingLook();
  add('user');
  answer();
  add('assistant');
  add('user');
  state.isHeld = false;
  await elapse(20);
  expect([state.shown, state.said]).toEqual([2, []]);
  expect(left()).toEqual(NOTHING);
});

test('no model is asked to continue if another one took over', async () => {
  const { state, session, answer, model, left } = await pendingLook();
  answer();
  session._activity = { realtimeLLMSession: model() };
  state.isHeld = false;
  await elapse(20);
  expect([state.shown, state.said]).toEqual([2, []]);
  expect(left()).toEqual(NOTHING);
});

test('a user who holds the button of push-to-talk is not cut off by what continues a look', async () => {
  const { state, session, answer, left } = await pendingLook();
  Object.assign(session._activity.realtimeLLMSession, { inUserActivity: true });
  state.isHeld = false;
  answer();
  await elapse(20);
  expect([state.shown, state.said]).toEqual([2, []]);
  expect(left()).toEqual(NOTHING);
});

test('a model that takes no text after its setup is not asked to continue', async () => {
  const { state, session, answer, model, left } = await pendingLook();
  session._activity = { realtimeLLMSession: model(false) };
  state.isHeld = false;
  answer();
  await elapse(20);
  expect([state.shown, state.said]).toEqual([2, []]);
  expect(left()).toEqual(NOTHING);
});

test('only the next words of the user end what continues a look', async () => {
  const { state, speech, answer, add, end, left } = await pendingLook();
  state.isHeld = false;
  answer();
  await elapse(20);
  add('assistant');
  expect(speech.interrupt).not.toHaveBeenCalled();
  add('user');
  expect(speech.interrupt).toHaveBeenCalledTimes(1);
  end();
  add('user');
  expect(speech.interrupt).toHaveBeenCalledTimes(1);
  expect(left()).toEqual(NOTHING);
});

const KEY = `sk-proj-${'aB3dE5gH7jK9mN1p'.repeat(3)}`;

test.each([
  ['is refused', `refused ${KEY}`],
  ['fails', new Error(`refused ${KEY}`)],
])('a picture that %s after the answer is a warning without secrets', async (_, result) => {
  const warned = vi.spyOn(log(), 'warn').mockImplementation(() => {});
  const { state, answer, left } = await pendingLook();
  state.isHeld = false;
  state.results.push(result);
  answer();
  await elapse(20);
  expect(warned).toHaveBeenCalledTimes(1);
  const line = JSON.stringify(warned.mock.calls);
  expect(line).toMatch(/video: the picture of a look was not sent: .*refused/);
  expect(line).not.toContain(KEY);
  expect(state.said).toEqual([]);
  expect(left()).toEqual(NOTHING);
});

test.each(['its time limit', 'the end of the session'])(
  'a look whose answer is never sent ends with %s',
  async (ending) => {
    const { state, answer, close, left } = await pendingLook();
    expect(left()).toEqual([1, 0, 1, 1]);
    if (ending === 'its time limit') {
      await elapse(59_999);
      expect(left()).toEqual([1, 0, 1, 1]);
      await elapse(1);
    } else close();
    expect(left()).toEqual(NOTHING);
    state.isHeld = false;
    answer();
    await elapse(100);
    expect(state.shown).toBe(1);
  },
);

test('a look whose picture waits for the model ends with the session', async () => {
  const warned = vi.spyOn(log(), 'warn').mockImplementation(() => {});
  const { state, answer, close, left } = await pendingLook();
  answer();
  await elapse(100);
  close();
  await elapse(20);
  expect(JSON.stringify(warned.mock.calls)).toContain('the session ended before the picture');
  state.isHeld = false;
  await elapse(1000);
  expect(state.shown).toBe(1);
  expect(left()).toEqual(NOTHING);
});
