import { llm } from '@livekit/agents';
import { MODEL_PICTURE } from '../defaults.ts';
import { takenAway } from '../frames/consent.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { answerOf, ModelAnswerError } from '../models/model-answer.ts';
import { type WantedAnswer, wantedAnswer } from './answer.ts';
import { framePicture } from './frame-picture.ts';
import { realtimeAsker } from './realtime-question.ts';
import { WatchError } from './watch-error.ts';
import type { WatchDetector, WatchQuestion } from './watch-options.ts';

/**
 * Asks a model about each frame, outside the conversation.
 * @throws OptionError
 */
export function asker<Answer>(asked: WatchQuestion<Answer>): WatchDetector<Answer> {
  const { llm: model, question, image } = asked;
  const wanted = wantedAnswer(asked.answer);
  return model instanceof llm.RealtimeModel
    ? realtimeAsker({ model, question, wanted, image })
    : chatAsker({ model, question, wanted, image: image ?? MODEL_PICTURE });
}

interface ChatQuestion<Answer> {
  model: llm.LLM;
  question: string;
  wanted: WantedAnswer<Answer>;
  image: EncodeOptions;
}

function chatAsker<Answer>(asked: ChatQuestion<Answer>): WatchDetector<Answer> {
  return async (frame: SeenFrame, { signal }) => {
    const withdrawn = new AbortController();
    const picture = await framePicture(frame, {
      image: asked.image,
      // Without its picture, an answer has no meaning.
      onWithdrawn: () => withdrawn.abort(takenAway()),
    });
    const context = new llm.ChatContext();
    context.addMessage({ role: 'system', content: instructions(asked.wanted) });
    context.addMessage({ role: 'user', content: [asked.question, picture] });
    const over = AbortSignal.any([signal, withdrawn.signal]);
    return asked.wanted.take(valueIn(await said(asked.model, context, over), asked.wanted));
  };
}

/** @throws WatchError if the request failed after the framework's retries, or the answer is empty. */
async function said(...asked: Parameters<typeof answerOf>): Promise<string> {
  try {
    return await answerOf(...asked);
  } catch (error) {
    if (!(error instanceof ModelAnswerError)) throw error;
    throw new WatchError(error.reason, error.message, { cause: error.cause });
  }
}

function instructions({ shown }: WantedAnswer<unknown>): string {
  const words = 'You get one picture of a live video, and a question about it.';
  return shown
    ? `${words} Answer with JSON of this schema, and nothing else:\n${JSON.stringify(shown)}`
    : // The schema cannot be shown, so the question has to describe the answer.
      `${words} Answer with JSON and nothing else.`;
}

/** Parses the answer, with or without a code fence. Returns the text if a string is expected. */
function valueIn(text: string, { shown }: WantedAnswer<unknown>): unknown {
  const bare = withoutFence(text.trim());
  try {
    const value: unknown = JSON.parse(bare);
    // A text that happens to be JSON, such as a house number.
    return shown?.type === 'string' && typeof value !== 'string' ? bare : value;
  } catch {
    // Not JSON, so it is text.
    return bare;
  }
}

/** Without a regular expression, whose search for trailing blanks would take quadratic time. */
function withoutFence(text: string): string {
  let bare = text;
  if (bare.startsWith(FENCE)) bare = bare.slice(FENCE.length).replace(/^json/, '').trimStart();
  if (bare.endsWith(FENCE)) bare = bare.slice(0, -FENCE.length).trimEnd();
  return bare;
}

const FENCE = '```';
