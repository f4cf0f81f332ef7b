import { llm } from '@livekit/agents';
import { toImageContent } from '../frames/image-content.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { WatchError } from './watch-error.ts';
import type { AnswerSchema, WatchDetector, WatchQuestion } from './watch-options.ts';

const IMAGE = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
} as const;

/** Asks the model about each frame, with a context of its own: the conversation is left alone. */
export function asker<Answer>(asked: WatchQuestion<Answer>): WatchDetector<Answer> {
  return async (frame: SeenFrame, { signal }) => {
    const image = await frame.encode(asked.image ?? IMAGE);
    const context = new llm.ChatContext();
    context.addMessage({ role: 'system', content: instructions(asked.answer) });
    context.addMessage({ role: 'user', content: [asked.question, toImageContent(image)] });
    const stream = asked.llm.chat({ chatCtx: context });
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
    return parsed(text, asked.answer);
  };
}

function instructions(schema: AnswerSchema<unknown>): string {
  const words = 'You get one picture of a live video, and a question about it.';
  try {
    const json = llm.toJsonSchema(schema as Parameters<typeof llm.toJsonSchema>[0], false);
    return `${words} Answer with JSON of this schema, and nothing else:\n${JSON.stringify(json)}`;
  } catch {
    // No schema that can be shown: the question says what is wanted.
    return `${words} Answer with JSON and nothing else.`;
  }
}

/** The answer in the text, in a block of code or not; the text itself where a string is wanted. */
function parsed<Answer>(text: string, schema: AnswerSchema<Answer>): Answer {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '');
  let value: unknown = bare;
  try {
    value = JSON.parse(bare);
  } catch {
    // Then it is words.
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new WatchError(
    'answer',
    `the model's answer is not what was asked for: ${result.error.message} (${bare.slice(0, 80)})`,
  );
}
