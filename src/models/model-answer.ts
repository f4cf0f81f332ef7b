import type { llm } from '@livekit/agents';
import { onStreamFailed } from '../internals/agents.ts';
import { logger } from '../logger.ts';

/** Longest answer that is read, in characters: a model that repeats itself may never stop. */
const MAX_ANSWER = 1_000_000;

/** A model gave no answer: the request failed (`model`), or the answer is unusable (`answer`). */
export class ModelAnswerError extends Error {
  constructor(
    readonly reason: 'model' | 'answer',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A chat model's answer to this context as text, outside the conversation.
 * @throws ModelAnswerError if the request failed after the framework's retries, or the answer is
 * empty; the signal's reason if it was aborted.
 */
export async function answerOf(
  model: llm.LLM,
  chatCtx: llm.ChatContext,
  signal: AbortSignal,
): Promise<string> {
  logger();
  // Without a listener, an error that will be retried would be thrown, and end the retries.
  const onError = () => {};
  model.on('error', onError);
  const stream = model.chat({ chatCtx });
  let failure: Error | undefined;
  onStreamFailed(stream, (error) => {
    failure = error;
  });
  const close = () => stream.close();
  signal.addEventListener('abort', close);
  if (signal.aborted) close();
  let text = '';
  try {
    for await (const { delta } of stream) {
      text += delta?.content ?? '';
      if (text.length > MAX_ANSWER)
        throw new ModelAnswerError(
          'answer',
          `the model's answer has more than ${MAX_ANSWER} characters`,
        );
    }
  } finally {
    signal.removeEventListener('abort', close);
    stream.close();
    model.off('error', onError);
  }
  signal.throwIfAborted();
  if (failure)
    throw new ModelAnswerError('model', `the request to the model failed: ${failure.message}`, {
      cause: failure,
    });
  if (text.trim() === '') throw new ModelAnswerError('answer', "the model's answer is empty");
  return text;
}
