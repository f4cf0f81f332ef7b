import { llm } from '@livekit/agents';
import { MODEL_PICTURE } from '../defaults.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { keepRevocable } from '../frames/gate.ts';
import { toImageContent } from '../frames/image-content.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { withdrawPicture } from '../internals/withdrawn-picture.ts';
import { type WantedAnswer, wantedAnswer } from './answer.ts';
import { realtimeAsker } from './realtime-question.ts';
import type { WatchDetector, WatchQuestion } from './watch-options.ts';

/**
 * Asks a model about each frame, beside the conversation, which is left alone.
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
    const image = await frame.encode(asked.image);
    const context = new llm.ChatContext();
    context.addMessage({ role: 'system', content: instructions(asked.wanted) });
    const picture = toImageContent(image);
    keepRevocable(frame, picture, (one) => withdrawPicture(one, '[no longer shown]'));
    context.addMessage({ role: 'user', content: [asked.question, picture] });
    const stream = asked.model.chat({ chatCtx: context });
    const close = () => stream.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    let text = '';
    try {
      for await (const { delta } of stream) text += delta?.content ?? '';
    } finally {
      signal.removeEventListener('abort', close);
      stream.close();
    }
    return asked.wanted.take(valueIn(text, asked.wanted));
  };
}

function instructions({ shown }: WantedAnswer<unknown>): string {
  const words = 'You get one picture of a live video, and a question about it.';
  return shown
    ? `${words} Answer with JSON of this schema, and nothing else:\n${JSON.stringify(shown)}`
    : // No schema that can be shown: the question says what is wanted.
      `${words} Answer with JSON and nothing else.`;
}

/** The answer in the text, in a block of code or not; the text itself where a string is wanted. */
function valueIn(text: string, { shown }: WantedAnswer<unknown>): unknown {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '');
  try {
    const value: unknown = JSON.parse(bare);
    // Words that happen to be JSON: the number of a door.
    return shown?.type === 'string' && typeof value !== 'string' ? bare : value;
  } catch {
    // Then it is words.
    return bare;
  }
}
