import { APIConnectionError, APIStatusError, llm } from '@livekit/agents';
import { afterEach, expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { asker } from '../../src/watch/question.ts';
import { WatchError } from '../../src/watch/watch-error.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, rejection } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** A model that fails once for each error, and then answers. */
class FailingLLM extends llm.LLM {
  asked = 0;
  readonly #errors: Error[];
  readonly #words: string;

  constructor(errors: Error[], words = 'open') {
    super();
    this.#errors = errors;
    this.#words = words;
  }

  override label(): string {
    return 'test.FailingLLM';
  }

  override chat({ chatCtx }: Parameters<llm.LLM['chat']>[0]): llm.LLMStream {
    const connOptions = { maxRetry: 2, retryIntervalMs: 1, timeoutMs: 1000 };
    const run = async (put: (text: string) => void) => {
      this.asked++;
      const error = this.#errors.shift();
      if (error) throw error;
      put(this.#words);
    };
    return new WordsStream(this, { chatCtx, connOptions }, run);
  }
}

class WordsStream extends llm.LLMStream {
  readonly #run: (put: (text: string) => void) => Promise<void>;

  constructor(
    model: llm.LLM,
    options: ConstructorParameters<typeof llm.LLMStream>[1],
    run: (put: (text: string) => void) => Promise<void>,
  ) {
    super(model, options);
    this.#run = run;
  }

  protected override run(): Promise<void> {
    return this.#run((content) =>
      this.queue.put({ id: 'words', delta: { role: 'assistant', content } }),
    );
  }
}

const refused = new APIStatusError({
  message: 'wrong key',
  options: { statusCode: 401, retryable: false },
});
const late = () => new APIConnectionError({ message: 'it took too long' });

const frame = {
  encode: async () => ({ data: Buffer.from('jpeg'), mimeType: 'image/jpeg', width: 1, height: 1 }),
} as unknown as SeenFrame;

/** A question for words, to which an empty text is a valid answer. */
const ask = (model: llm.LLM, about = frame, signal = new AbortController().signal) =>
  asker<string>({ llm: model, question: 'Is it open?', answer: { type: 'string' } })(about, {
    signal,
  });

test('a model that refuses the question counts as a failure, not as a no', async () => {
  const model = new FailingLLM([refused]);
  const asked = Promise.resolve(ask(model));
  await expect(asked).rejects.toBeInstanceOf(WatchError);
  await expect(asked).rejects.toMatchObject({
    reason: 'model',
    message: expect.stringContaining('wrong key'),
    cause: refused,
  });
  expect(model.asked).toBe(1);
});

test('a model that does not answer in time is called again by the framework', async () => {
  const model = new FailingLLM([late(), late()]);
  expect(await ask(model)).toBe('open');
  expect(model.asked).toBe(3);
  expect(model.listenerCount('error')).toBe(0);
});

test('a model that is late each time counts as a failure', async () => {
  const asked = Promise.resolve(ask(new FailingLLM([late(), late(), late()])));
  await expect(asked).rejects.toMatchObject({ reason: 'model' });
});

test('a model that says nothing counts as a failure', async () => {
  const asked = Promise.resolve(ask(new FailingLLM([], ' ')));
  await expect(asked).rejects.toMatchObject({
    reason: 'answer',
    message: "the model's answer is empty",
  });
});

test('a question that takes too long ends with the reason of its limit', async () => {
  const model = new RecordingLLM();
  model.replies.push(() => new Promise<string>(() => {}));
  const limit = new AbortController();
  const asked = rejection(Promise.resolve(ask(model, frame, limit.signal)));
  await model.asked(1);
  limit.abort(new Error('too late'));
  expect(await asked).toMatchObject({ message: 'too late' });
  expect(model.listenerCount('error')).toBe(0);
});

test('a question ends with the video, and the model is not called', async () => {
  const stage = await liveStage(camera);
  const model = new RecordingLLM();
  let answer = (_words: string) => {};
  const answered = new Promise<string>((resolve) => {
    answer = resolve;
  });
  model.replies.push(() => answered);
  const refused = rejection(Promise.resolve(ask(model, await stage.show(4))));
  await model.asked(1);
  stage.video.setMode('off');
  expect(await refused).toMatchObject({ name: 'LookError', reason: 'off' });
  answer('open');
  expect(model.listenerCount('error')).toBe(0);
});
