import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from '../../../src/testing/simulated-clock.ts';
import { Leftovers } from '../../../src/testing/story/leftovers.ts';
import type { StoryStage } from '../../../src/testing/story/stage.ts';
import { within } from '../../../src/time-limit.ts';

// Reads and writes of the test runner come and go.
beforeEach(() => void vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue([]));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function stage(more: object = {}) {
  const [room, session] = [new EventEmitter(), new EventEmitter()];
  const made = { room: { agent: room }, session, video: undefined, wrappedAgents: 0, ...more };
  return { room, session, leftovers: new Leftovers(made as unknown as StoryStage) };
}

/** What is left, without the patience for what still ends. */
function left(leftovers: Leftovers) {
  let now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => {
    now += 2000;
    return now;
  });
  return leftovers.found();
}

test('a story that leaves what it found leaves nothing', async () => {
  const { room, session, leftovers } = stage();
  const listener = () => {};
  room.on('a', listener).off('a', listener);
  session.on('a', listener).off('a', listener);
  expect(await leftovers.found()).toEqual([]);
});

test('listeners are found at the room, the session, the process and the native library', async () => {
  const native = new EventEmitter();
  native.on('ffi_event', () => {});
  vi.stubGlobal('_ffiClientInstance', native);
  const { room, session, leftovers } = stage();
  const listener = () => {};
  room.on('trackMuted', listener);
  session.on('close', listener);
  native.on('ffi_event', listener);
  process.on('SIGUSR2', listener);
  const found = await left(leftovers);
  process.off('SIGUSR2', listener);
  expect(found).toEqual([
    'listeners of the room for trackMuted: 0 before, 1 at the end',
    'listeners of the agent session for close: 0 before, 1 at the end',
    'listeners of the process for SIGUSR2: 0 before, 1 at the end',
    'streams of the native library, ffi_event: 1 before, 2 at the end',
  ]);
});

test('handles are counted by their kind, and timers are none', async () => {
  const info = vi.mocked(process.getActiveResourcesInfo);
  info.mockReturnValue(['Pipe']);
  const { leftovers } = stage();
  info.mockReturnValue(['Pipe', 'Timeout', 'TCP', 'TCP', 'Immediate']);
  expect(await left(leftovers)).toEqual(['handle TCP: 0 before, 2 at the end']);
});

test('a timer of the library is found with its line, unless it ended', async () => {
  const { leftovers } = stage();
  let end = () => {};
  const ended = within(60_000, new Promise<void>((resolve) => (end = resolve)), () => new Error());
  end();
  await ended;
  // Node.js reports the end of a timer a moment later.
  await settled();
  await settled();
  let endLater = () => {};
  const late = within(
    60_000,
    new Promise<void>((resolve) => (endLater = resolve)),
    () => new Error(),
  );
  // A timer of a test is none of the library.
  const own = setTimeout(() => {}, 60_000);
  const found = await left(leftovers);
  endLater();
  await late;
  clearTimeout(own);
  expect(found).toEqual([expect.stringMatching(/^a timer at .*src.time-limit\.ts/)]);
});

test('actors that run, and agents that are still wrapped, are found', async () => {
  const videoWith = (status: string, children: object) => ({
    video: { actor: { getSnapshot: () => ({ status, children }) } },
  });
  const found = async (more: object) => left(stage(more).leftovers);
  expect(await found(videoWith('done', {}))).toEqual([]);
  expect(await found(videoWith('active', {}))).toEqual(['actors: session']);
  expect(await found(videoWith('done', { a: 1, b: 2 }))).toEqual(['actors: a, b']);
  expect(await found({ wrappedAgents: 2 })).toEqual(['2 agents whose llmNode is not their own']);
});

test('what ends a moment after the story is not left', async () => {
  const { room, leftovers } = stage();
  const listener = () => {};
  room.on('a', listener);
  const found = leftovers.found();
  room.off('a', listener);
  expect(await found).toEqual([]);
});
