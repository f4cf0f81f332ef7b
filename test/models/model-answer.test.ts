import { getEventListeners } from 'node:events';
import { APIConnectionError, llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { answerOf } from '../../src/models/model-answer.ts';

/** Part of an answer: text, a failure, or a wait for the end of the request. */
type Part = string | Error | 'waits for its end';

/** A model that answers with these parts; each run of the request takes the next list. */
class ScriptedLLM extends llm.LLM {
  readonly streams: ScriptedStream[] = [];
  readonly runs: Part[][];

  constructor(...runs: Part[][]) {
    super();
    this.runs = runs;
  }

  override label(): string {
    return 'test.ScriptedLLM';
  }

  override chat({ chatCtx }: Parameters<llm.LLM['chat']>[0]): llm.LLMStream {
    const connOptions = { maxRetry: 1, retryIntervalMs: 1, timeoutMs: 60_000 };
    const stream = new ScriptedStream(this, { chatCtx, connOptions });
    this.streams.push(stream);
    return stream;
  }
}

class ScriptedStream extends llm.LLMStream {
  readonly #model: ScriptedLLM;
  /** Resolves when the script waits for the end of the request. */
  readonly waiting: Promise<void>;
  #onWaiting = () => {};

  constructor(model: ScriptedLLM, options: ConstructorParameters<typeof llm.LLMStream>[1]) {
    super(model, options);
    this.#model = model;
    this.waiting = new Promise((resolve) => {
      this.#onWaiting = resolve;
    });
  }

  get isOver(): boolean {
    return this.abortController.signal.aborted;
  }

  protected override async run(): Promise<void> {
    for (const part of this.#model.runs.shift() ?? []) {
      if (part instanceof Error) throw part;
      if (part === 'waits for its end') {
        this.#onWaiting();
        const { signal } = this.abortController;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      } else this.queue.put({ id: 'words', delta: { role: 'assistant', content: part } });
    }
    // Usage comes without a text.
    if (!this.isOver) this.queue.put({ id: 'words' });
  }
}

const context = llm.ChatContext.empty();

/** Expects that nothing of the request is left. */
function expectNothingLeft(model: ScriptedLLM, signal: AbortSignal): void {
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(model.listenerCount('error')).toBe(0);
  expect(model.streams.map(({ isOver }) => isOver)).toEqual(model.streams.map(() => true));
}

test('an answer is the text of all its parts, and the request leaves nothing', async () => {
  const model = new ScriptedLLM(['It is ', 'open.'], [' Closed. ']);
  const { signal } = new AbortController();
  expect(await answerOf(model, context, signal)).toBe('It is open.');
  expect(await answerOf(model, context, signal)).toBe(' Closed. ');
  expectNothingLeft(model, signal);
});

test('a failure that the framework retries is no failure', async () => {
  const model = new ScriptedLLM([new APIConnectionError({ message: 'lost' })], ['Open.']);
  const { signal } = new AbortController();
  expect(await answerOf(model, context, signal)).toBe('Open.');
  expectNothingLeft(model, signal);
});

test('the last failure is reported with its words and its cause', async () => {
  const lost = () => new APIConnectionError({ message: 'lost' });
  const last = new APIConnectionError({ message: 'lost again' });
  const model = new ScriptedLLM([lost()], [last]);
  const { signal } = new AbortController();
  const answer = answerOf(model, context, signal);
  await expect(answer).rejects.toMatchObject({
    reason: 'model',
    message: expect.stringMatching(/^the request to the model failed: .*lost again/),
    cause: expect.anything(),
  });
  expectNothingLeft(model, signal);
});

test('a failure after a part of the answer is no shorter answer', async () => {
  const part = [
    'It is ',
    new APIConnectionError({ message: 'lost', options: { retryable: false } }),
  ];
  const model = new ScriptedLLM(part);
  const { signal } = new AbortController();
  await expect(answerOf(model, context, signal)).rejects.toMatchObject({ reason: 'model' });
  expectNothingLeft(model, signal);
});

test.each([[[]], [['']], [['  ', '\n']]])('an answer of %j is empty', async (parts) => {
  const model = new ScriptedLLM(parts);
  const { signal } = new AbortController();
  await expect(answerOf(model, context, signal)).rejects.toMatchObject({
    reason: 'answer',
    message: "the model's answer is empty",
  });
  expectNothingLeft(model, signal);
});

test('an answer of a million characters is read, and a longer one ends the request', async () => {
  const most = 'a'.repeat(1_000_000);
  const model = new ScriptedLLM([most], [most, 'a', 'waits for its end']);
  const { signal } = new AbortController();
  expect(await answerOf(model, context, signal)).toHaveLength(most.length);
  await expect(answerOf(model, context, signal)).rejects.toMatchObject({
    reason: 'answer',
    message: "the model's answer has more than 1000000 characters",
  });
  expectNothingLeft(model, signal);
});

test('an abort ends the request at once, with the reason of the signal', async () => {
  const model = new ScriptedLLM(['It is', 'waits for its end'], ['waits for its end']);
  const asked = new AbortController();
  const answer = answerOf(model, context, asked.signal);
  await model.streams[0]?.waiting;
  asked.abort(new Error('no longer wanted'));
  await expect(answer).rejects.toThrow('no longer wanted');
  expectNothingLeft(model, asked.signal);
  await expect(answerOf(model, context, asked.signal)).rejects.toThrow('no longer wanted');
  expectNothingLeft(model, asked.signal);
});
