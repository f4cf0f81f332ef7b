import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { OpenAIRefusal } from '../../../src/testing/fakes/openai-checks.ts';
import { OpenAIResponses } from '../../../src/testing/fakes/openai-responses.ts';
import type { Answer, Question } from '../../../src/testing/fakes/reply.ts';
import { deferred } from '../../../src/testing/simulated-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const DELAY_MS = 20;
const later = (ms = DELAY_MS) => vi.advanceTimersByTimeAsync(ms);

function stage(session: JsonObject = { output_modalities: ['audio'] }) {
  const events: JsonObject[] = [];
  const added: string[] = [];
  const failures: unknown[] = [];
  const asked: Pick<Question, 'cause' | 'instructions'>[] = [];
  let ids = 0;
  const host = {
    session: () => session,
    // As on the wire: later changes do not count.
    send: (event: JsonObject) => void events.push(structuredClone(event)),
    added: ({ id }: { id: string }) => void added.push(id),
    question: (one: Pick<Question, 'cause' | 'instructions'>) => {
      asked.push(one);
      return { ...one, connection: 1, text: '', frames: [] };
    },
    answer: async (_question: Question): Promise<Answer> => 'I see.',
    newId: (kind: string) => {
      ids += 1;
      return `${kind}_${ids}`;
    },
    failed: (error: unknown) => void failures.push(error),
  };
  const responses = new OpenAIResponses(host, DELAY_MS);
  const types = () => events.map(({ type }) => type);
  const done = () => events.find(({ type }) => type === 'response.done')?.response as JsonObject;
  return { responses, host, events, types, added, failures, asked, done };
}

test('a response begins at once, and its answer comes after the delay', async () => {
  const { responses, types, asked, done } = stage();
  responses.create({ instructions: 'Be short.' }, 'speech');
  expect(types()).toEqual(['response.created']);
  expect(asked).toEqual([{ cause: 'speech', instructions: 'Be short.' }]);
  expect(responses.isActive).toBe(true);
  await later(DELAY_MS - 1);
  expect(types()).toHaveLength(1);
  await later(1);
  expect(types().at(-1)).toBe('response.done');
  expect(responses.isActive).toBe(false);
  expect(done()).toMatchObject({
    status: 'completed',
    status_details: null,
    usage: { total_tokens: 320 },
  });
});

test('a spoken message has its sound and its transcript, and is finished when it is done', async () => {
  const { responses, events, added, done } = stage();
  responses.create({ metadata: { a: 1 } }, 'text', { text: 'hello', audioMs: 100 });
  await later();
  const of = (type: string) => events.find((event) => event.type === `response.${type}`);
  const place = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };
  expect(of('output_item.added')?.item).toMatchObject({ status: 'in_progress', content: [] });
  expect(of('content_part.added')).toMatchObject({ ...place, part: { transcript: '' } });
  expect(of('output_audio_transcript.delta')).toMatchObject({ ...place, delta: 'hello' });
  expect(of('output_audio.delta')?.delta).toBe(Buffer.alloc(4800).toString('base64'));
  expect(of('output_audio_transcript.done')).toMatchObject({ ...place, transcript: 'hello' });
  expect(of('content_part.done')?.part).toEqual({ type: 'audio', transcript: 'hello' });
  const item = {
    id: 'item_2',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_audio', transcript: 'hello' }],
  };
  expect(of('output_item.done')).toMatchObject({ output_index: 0, item });
  expect(added).toEqual(['item_2']);
  expect(done()).toMatchObject({ metadata: { a: 1 }, output: [item] });
});

test('a response is written if it or the session asks for text', async () => {
  for (const [session, params] of [
    [{ output_modalities: ['text'] }, {}],
    [{ output_modalities: ['audio'] }, { output_modalities: ['text'] }],
  ] as const) {
    const { responses, types, done } = stage({
      ...session,
      output_modalities: [...session.output_modalities],
    });
    responses.create(structuredClone(params) as JsonObject, 'text');
    await later();
    expect(types()).toContain('response.output_text.done');
    expect(types().join()).not.toContain('audio');
    expect(done().output).toMatchObject([{ content: [{ type: 'output_text', text: 'I see.' }] }]);
  }
  const spoken = stage({ output_modalities: ['text'] });
  spoken.responses.create({ output_modalities: ['audio'] }, 'text');
  await later();
  expect(spoken.types()).toContain('response.output_audio.done');
});

test('tool calls follow the message, each with its own id and place', async () => {
  const { responses, events, types, done } = stage();
  const toolCalls = [{ name: 'look', args: { far: true } }, { name: 'slow' }];
  responses.create({}, 'text', { text: 'Wait.', toolCalls });
  await later();
  const calls = events.filter(({ type }) => type === 'response.function_call_arguments.done');
  expect(calls).toMatchObject([
    {
      output_index: 1,
      call_id: 'call_3',
      item_id: 'item_4',
      name: 'look',
      arguments: '{"far":true}',
    },
    { output_index: 2, call_id: 'call_5', item_id: 'item_6', name: 'slow', arguments: '{}' },
  ]);
  const order = types();
  expect(order.indexOf('response.output_audio.done')).toBeLessThan(
    order.indexOf('response.function_call_arguments.delta'),
  );
  const first = events.find(
    ({ type, item }) =>
      type === 'response.output_item.added' && (item as JsonObject).name === 'look',
  );
  expect(first?.item).toMatchObject({ arguments: '', call_id: 'call_3' });
  expect(done().output).toMatchObject([
    { type: 'message', status: 'completed' },
    { arguments: '{"far":true}', status: 'completed' },
    { arguments: '{}', status: 'completed' },
  ]);
});

test('a second response is refused while one is active, and names it', async () => {
  const { responses } = stage();
  responses.create({}, 'text');
  const again = () => responses.create({}, 'text');
  expect(again).toThrow(/already has an active response in progress: resp_1/);
  expect(again).toThrow(
    expect.objectContaining({ code: 'conversation_already_has_active_response' }),
  );
  await later();
  expect(again).not.toThrow();
});

test('a held response is completed once', async () => {
  const { responses, types } = stage();
  responses.create({}, 'text', { text: 'hello', hold: true });
  await later();
  expect(types().at(-1)).toBe('response.output_audio.delta');
  responses.finish();
  expect(types().at(-1)).toBe('response.done');
  expect(() => responses.finish()).toThrow(expect.objectContaining({ code: 'testing-service' }));
});

test('a cancel ends the response in the middle, with its reason and its incomplete message', async () => {
  const { responses, events, done } = stage();
  responses.create({}, 'text', { text: 'hello', hold: true });
  await later();
  expect(() => responses.cancel('client_cancelled', 'resp_9')).toThrow(OpenAIRefusal);
  responses.cancel('turn_detected', 'resp_1');
  expect(done()).toMatchObject({
    status: 'cancelled',
    status_details: { type: 'cancelled', reason: 'turn_detected' },
    output: [{ status: 'incomplete' }],
  });
  expect(events.filter(({ type }) => type === 'response.output_item.done')).toHaveLength(1);
  const late = () => responses.cancel('client_cancelled');
  expect(late).toThrow(expect.objectContaining({ code: 'response_cancel_not_active' }));
});

test('a response that was cancelled before its answer has none', async () => {
  const { responses, host, types } = stage();
  const slow = deferred<Answer>();
  host.answer = () => slow.promise;
  responses.create({}, 'text');
  await later();
  responses.cancel('client_cancelled');
  slow.resolve('late');
  await later();
  expect(types()).toEqual(['response.created', 'response.done']);
  responses.create({}, 'text');
  responses.cancel('client_cancelled');
  expect(vi.getTimerCount()).toBe(0);
});

test('no answer is an empty response, and a model that fails is reported', async () => {
  const { responses, host, done, failures } = stage();
  host.answer = async () => null;
  responses.create({}, 'text');
  await later();
  expect(done()).toMatchObject({ status: 'completed', output: [] });
  const error = new Error('no');
  host.answer = () => Promise.reject(error);
  responses.create({}, 'text');
  await later();
  expect(failures).toEqual([error]);
  responses.end();
  expect(responses.isActive).toBe(false);
});
