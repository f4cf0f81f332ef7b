import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Asked, GeminiTurns } from '../../../src/testing/fakes/gemini-turns.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import type { Answer } from '../../../src/testing/fakes/reply.ts';
import { deferred } from '../../../src/testing/simulated-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const DELAY_MS = 20;
const question = (text: string, cause: Asked['cause'] = 'text'): Asked => ({
  text,
  cause,
  instructions: '',
  frames: [],
});

/** The turns of a connection, with what it sent as short words. */
function stage(setup: JsonObject = {}) {
  const sent: string[] = [];
  const messages: JsonObject[] = [];
  const asked: string[] = [];
  const failures: unknown[] = [];
  const called: string[] = [];
  const client = { reaction: Promise.resolve() };
  let answer: (text: string) => Answer | Promise<Answer> = (text) => `to ${text}`;
  const turns = new GeminiTurns(
    {
      setup: () => ({ tools: [{ functionDeclarations: [{ name: 'look' }] }], ...setup }),
      send: (message) => {
        messages.push(message);
        const content = message.serverContent as JsonObject | undefined;
        sent.push(...Object.keys(content ?? message));
      },
      answer: async ({ text }) => {
        asked.push(text);
        return answer(text);
      },
      called: (calls) => void called.push(...calls.map(({ id }) => id)),
      turnEnded: () => void sent.push('ended'),
      reaction: () => client.reaction,
      failed: (error) => void failures.push(error),
    },
    DELAY_MS,
  );
  const replying = (next: typeof answer) => {
    answer = next;
  };
  return { turns, client, sent, messages, asked, failures, called, replying };
}

const later = (ms = DELAY_MS) => vi.advanceTimersByTimeAsync(ms);
const COMPLETE = ['generationComplete', 'turnComplete', 'ended'];

test('a question is answered after the delay, with one whole turn', async () => {
  const { turns, sent, asked, messages } = stage();
  turns.ask(question('a'));
  await later(DELAY_MS - 1);
  expect(asked).toEqual([]);
  await later(1);
  expect(asked).toEqual(['a']);
  expect(sent).toEqual(['modelTurn', ...COMPLETE]);
  expect(messages.at(-1)).toMatchObject({ usageMetadata: { totalTokenCount: 320 } });
  await later(1000);
  expect(asked).toHaveLength(1);
});

test('a spoken answer is silence of its length, with a transcript only if the setup asks for it', () => {
  const { turns, messages, sent } = stage({ outputAudioTranscription: {} });
  turns.say({ text: 'hello', audioMs: 100 });
  const data = Buffer.alloc(4800).toString('base64');
  expect(messages[0]).toEqual({
    serverContent: {
      modelTurn: {
        role: 'model',
        parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data } }],
      },
    },
  });
  expect(messages[1]).toEqual({ serverContent: { outputTranscription: { text: 'hello' } } });
  expect(sent).toEqual(['modelTurn', 'outputTranscription', ...COMPLETE]);
  const short = stage();
  short.turns.say({ text: 'hello' });
  expect(JSON.stringify(short.messages[0])).toContain(Buffer.alloc(1920).toString('base64'));
});

test('a model that writes answers with a text', () => {
  const { turns, messages } = stage({ generationConfig: { responseModalities: ['TEXT'] } });
  turns.say({ text: 'hello' });
  expect(messages[0]).toEqual({
    serverContent: { modelTurn: { role: 'model', parts: [{ text: 'hello' }] } },
  });
});

test('one answer is for all that was written and asked before it, each text once', async () => {
  const { turns, asked, sent } = stage();
  turns.write('first');
  turns.write('');
  turns.ask(question('a'));
  await later(DELAY_MS - 1);
  turns.ask(question('b'));
  turns.ask(question('a'));
  await later(DELAY_MS - 1);
  expect(asked).toEqual([]);
  await later(1);
  expect(asked).toEqual(['first\na\nb']);
  expect(sent).toEqual(['modelTurn', ...COMPLETE]);
  turns.ask(question('d'));
  await later();
  expect(asked.slice(1)).toEqual(['d']);
});

test('what is written while an answer is made is for the next one', async () => {
  const { turns, asked, replying } = stage();
  const slow = deferred<Answer>();
  replying((text) => (text === 'a' ? slow.promise : 'now'));
  turns.ask(question('a'));
  await later();
  turns.write('b');
  slow.resolve('late');
  await later(0);
  turns.ask(question('c'));
  await later();
  expect(asked).toEqual(['a', 'b\nc']);
});

test('an answer that another question overtakes is not said', async () => {
  const { turns, asked, sent, replying } = stage();
  const slow = deferred<Answer>();
  replying((text) => (text === 'a' ? slow.promise : 'now'));
  turns.ask(question('a'));
  await later();
  turns.ask(question('b'));
  slow.resolve('late');
  await later(0);
  expect(sent).toEqual([]);
  await later();
  expect(asked).toEqual(['a', 'a\nb']);
  expect(sent).toEqual(['modelTurn', ...COMPLETE]);
});

test('a question that another one overtakes while the client reacts does not reach the model', async () => {
  const { turns, client, asked } = stage();
  const reaction = deferred<void>();
  client.reaction = reaction.promise;
  turns.ask(question('a'));
  await later();
  turns.ask(question('b'));
  reaction.resolve();
  await later();
  expect(asked).toEqual(['a\nb']);
});

test('a question interrupts a turn that is open, and the result of a tool continues it', async () => {
  const { turns, sent } = stage();
  turns.say({ text: 'one', hold: true });
  expect(sent).toEqual(['modelTurn']);
  turns.ask(question('{}', 'tools'));
  expect(sent).toEqual(['modelTurn']);
  turns.ask(question('a'));
  expect(sent.slice(1)).toEqual(['interrupted', 'turnComplete', 'ended']);
});

test('an interruption ends an open turn once, and drops the planned answer', async () => {
  const { turns, sent, asked } = stage();
  expect(turns.interrupt()).toBe(false);
  turns.say({ text: 'one', hold: true });
  turns.ask(question('{}', 'tools'));
  expect(turns.interrupt()).toBe(true);
  expect(turns.interrupt()).toBe(false);
  expect(sent).toEqual(['modelTurn', 'interrupted', 'turnComplete', 'ended']);
  await later();
  expect(asked).toEqual([]);
});

test('a held turn is completed once', () => {
  const { turns, sent } = stage();
  turns.say({ text: 'one', hold: true });
  turns.finish();
  expect(sent).toEqual(['modelTurn', ...COMPLETE]);
  expect(() => turns.finish()).toThrow(expect.objectContaining({ code: 'testing-service' }));
});

test('tool calls have ids of their own, and leave the turn open', () => {
  const { turns, messages, called, sent } = stage();
  turns.say({ toolCalls: [{ name: 'look', args: { far: true } }, { name: 'look' }] });
  const calls = [
    { id: 'function-call-1', name: 'look', args: { far: true } },
    { id: 'function-call-2', name: 'look', args: {} },
  ];
  expect(messages).toEqual([{ toolCall: { functionCalls: calls } }]);
  expect(turns.say({ toolCalls: [{ name: 'look' }] })).toEqual([
    { id: 'function-call-3', name: 'look', args: {} },
  ]);
  expect(called).toEqual(['function-call-1', 'function-call-2', 'function-call-3']);
  expect(sent).toEqual(['toolCall', 'toolCall']);
  expect(turns.interrupt()).toBe(true);
});

test('a call of a tool that the setup does not declare is an error with the tools that it has', () => {
  const { turns, sent } = stage();
  const wrong = () => turns.say({ toolCalls: [{ name: 'walk' }] });
  expect(wrong).toThrow(/declares no tool walk: .*it has look/);
  const none = stage({ tools: [] });
  expect(() => none.turns.say({ toolCalls: [{ name: 'walk' }] })).toThrow('it has none');
  expect(sent).toEqual([]);
});

test('a model without an answer says nothing, and one that fails is reported', async () => {
  const { turns, sent, failures, replying } = stage();
  replying(() => null);
  turns.ask(question('a'));
  await later();
  expect(sent).toEqual([]);
  const error = new Error('no');
  replying(() => Promise.reject(error));
  turns.ask(question('b'));
  await later();
  expect(failures).toEqual([error]);
  expect(sent).toEqual([]);
});

test('the end of the connection ends its turn and its timer', async () => {
  const { turns, asked } = stage();
  turns.say({ text: 'one', hold: true });
  turns.ask(question('{}', 'tools'));
  turns.end();
  expect(vi.getTimerCount()).toBe(0);
  expect(turns.interrupt()).toBe(false);
  await later();
  expect(asked).toEqual([]);
});
