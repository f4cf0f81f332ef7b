import { EventEmitter } from 'node:events';
import type { llm } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import { askAgainAfterDrops, writeAgainAfterDrops } from '../../src/models/asked-again.ts';
import { ModelLife } from '../../src/models/model-life.ts';
import { type Deferred, deferred, settled } from '../../src/testing/simulated-clock.ts';

const LOST = { reason: 'lost', wasAnswering: false, isFinal: false };

/** A session of a plugin without a network, whose replies are never answered. */
class SilentSession extends EventEmitter {
  asked = 0;

  generateReply(): Promise<llm.GenerationCreatedEvent> {
    this.asked++;
    return new Promise(() => {});
  }
}

test('a reply that a lost connection left unanswered is repeated after the newest frame', async () => {
  const silent = new SilentSession();
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  life.opened();
  const frame = deferred<void>();
  let frames = 0;
  const session = silent as unknown as llm.RealtimeSession;
  askAgainAfterDrops(session, life, () => {
    frames++;
    return frame.promise;
  });
  void session.generateReply('Say what it is.');
  await settled();
  expect([silent.asked, frames]).toEqual([1, 0]);
  life.failed(LOST);
  await settled();
  expect([silent.asked, frames]).toEqual([1, 0]);
  life.opened();
  await settled();
  expect([silent.asked, frames]).toEqual([1, 1]);
  frame.resolve();
  await settled();
  expect([silent.asked, frames]).toEqual([2, 1]);
});

/** A session whose calls a test answers, with a life that has a connection. */
function stage() {
  const calls: { options: { signal?: AbortSignal } | undefined; end: Deferred<unknown> }[] = [];
  const writes: Deferred<void>[] = [];
  const items = new Set<string>();
  const plugin = Object.assign(new EventEmitter(), {
    generateReply: (_: string, options?: { signal?: AbortSignal }) => {
      const end = deferred<unknown>();
      calls.push({ options, end });
      return end.promise;
    },
    updateChatCtx: () => {
      const end = deferred<void>();
      writes.push(end);
      return end.promise;
    },
    chatCtx: { getById: (id: string) => (items.has(id) ? {} : undefined) },
  });
  const session = plugin as unknown as llm.RealtimeSession;
  const life = new ModelLife({ attempts: 3, retryBaseMs: 1 }, () => {});
  const frames: number[] = [];
  const repeat = () =>
    askAgainAfterDrops(session, life, async () => void frames.push(calls.length));
  const write = () => writeAgainAfterDrops(session, life);
  return { session, life, calls, writes, items, frames, repeat, write };
}

test('a reply that was created is not requested again, whatever happens later', async () => {
  const { session, life, calls, frames, repeat } = stage();
  life.opened();
  repeat();
  const drop = vi.spyOn(life, 'nextDrop');
  const replied = session.generateReply('Say it.');
  await settled();
  const created = {};
  calls[0]?.end.resolve(created);
  expect(await replied).toBe(created);
  // Nothing waits for a drop any more.
  expect(drop.mock.calls.map(([, signal]) => signal.aborted)).toEqual([true]);
  life.failed(LOST);
  life.opened();
  await settled();
  expect([calls.length, frames]).toEqual([1, []]);
});

test('a reply that fails because its connection is lost is requested again, any other failure is passed on', async () => {
  const { session, life, calls, frames, repeat } = stage();
  life.opened();
  repeat();
  const lost = session.generateReply('Say it.');
  await settled();
  // The plugin reports the end of the reply a moment before the end of the connection.
  calls[0]?.end.reject(new Error('closed'));
  await Promise.resolve();
  life.failed(LOST);
  await settled();
  life.opened();
  await settled();
  expect([calls.length, frames]).toEqual([2, [1]]);
  const refusal = new Error('no quota');
  calls[1]?.end.reject(refusal);
  await expect(lost).rejects.toBe(refusal);
  expect(calls).toHaveLength(2);
});

test('a reply waits for the connection, and is not requested if it is interrupted meanwhile', async () => {
  const { session, life, calls, repeat } = stage();
  life.failed(LOST);
  repeat();
  const interrupted = new AbortController();
  const first = session.generateReply('Say it.', { signal: interrupted.signal });
  const second = session.generateReply('And this.');
  await settled();
  expect(calls).toEqual([]);
  interrupted.abort();
  await expect(first).rejects.toThrow('the reply was interrupted before its request');
  life.opened();
  await settled();
  expect(calls).toHaveLength(1);
  calls[0]?.end.resolve('created');
  expect(await second).toBe('created');
});

test('a reply that is interrupted while its connection is lost is not requested again', async () => {
  const { session, life, calls, repeat } = stage();
  life.opened();
  repeat();
  const interrupted = new AbortController();
  const replied = session.generateReply('Say it.', { signal: interrupted.signal });
  await settled();
  life.failed(LOST);
  interrupted.abort();
  calls[0]?.end.reject(new Error('closed'));
  await expect(replied).rejects.toThrow('closed');
  life.opened();
  await settled();
  expect(calls).toHaveLength(1);
  // The interruption reaches the plugin too.
  expect(calls[0]?.options?.signal).toBe(interrupted.signal);
});

test('without another attempt, a reply is left to the plugin', async () => {
  const { session, life, calls, frames, repeat } = stage();
  repeat();
  life.failed({ ...LOST, isFinal: true });
  const replied = session.generateReply('Say it.');
  await settled();
  // Also if the plugin connects by itself, and loses that connection too.
  life.opened();
  life.failed(LOST);
  await settled();
  expect(calls).toHaveLength(1);
  const failure = new Error('not connected');
  calls[0]?.end.reject(failure);
  await expect(replied).rejects.toBe(failure);
  expect([calls.length, frames]).toEqual([1, []]);
});

test('an answer of the model proves its connection', () => {
  const { session, life, repeat } = stage();
  repeat();
  life.failed(LOST);
  life.opened();
  session.emit('generation_created', {} as llm.GenerationCreatedEvent);
  expect(life.failed(LOST)).toBe(0);
});

const context = { items: [{ id: 'text' }] } as unknown as llm.ChatContext;

test('a text that was lost with its connection is written again on the next one', async () => {
  const { session, life, writes, items, write } = stage();
  life.opened();
  write();
  let isWritten = false;
  const written = session.updateChatCtx(context).then(() => {
    isWritten = true;
  });
  await settled();
  life.failed(LOST);
  writes[0]?.reject(new Error('closed'));
  await settled();
  expect([writes.length, isWritten]).toEqual([1, false]);
  life.opened();
  await settled();
  expect(writes).toHaveLength(2);
  items.add('text');
  writes[1]?.resolve(undefined);
  await written;
  expect(writes).toHaveLength(2);
});

test('a text that the service has is not written again, although its connection is lost', async () => {
  const { session, life, writes, items, write } = stage();
  life.opened();
  write();
  const written = session.updateChatCtx(context);
  await settled();
  items.add('text');
  life.failed(LOST);
  writes[0]?.resolve(undefined);
  await written;
  life.opened();
  await settled();
  expect(writes).toHaveLength(1);
});

test('a text that the service refuses is an error, and so is one after the end of the session', async () => {
  const { session, life, writes, write } = stage();
  life.opened();
  write();
  const refusal = new Error('too long');
  const refused = expect(session.updateChatCtx(context)).rejects.toBe(refusal);
  await settled();
  writes[0]?.reject(refusal);
  await refused;
  const late = expect(session.updateChatCtx(context)).rejects.toBe(refusal);
  await settled();
  life.failed(LOST);
  life.end();
  writes[1]?.reject(refusal);
  await late;
  expect(writes).toHaveLength(2);
});

test('a text before the first connection does not wait for it', async () => {
  const { session, life, writes, write } = stage();
  life.failed(LOST);
  write();
  void session.updateChatCtx(context);
  await settled();
  expect(writes).toHaveLength(1);
});
