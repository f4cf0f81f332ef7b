import { llm } from '@livekit/agents';
import { DESCRIBE_PICTURES } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import { answerOf } from './model-answer.ts';
import { pipelineRefusal } from './model-support.ts';

export interface DescribePicturesOptions {
  /** The model that looks at the pictures: any chat model with image input. */
  llm: llm.LLM;
  /**
   * Longest time that a turn waits for the words, in ms.
   * @defaultValue 4000
   */
  timeoutMs?: number;
  /**
   * How long a description is used again while the scene does not change, in ms; 0 for never.
   * @defaultValue 60000
   */
  cacheMs?: number;
}

/** Describes pictures for a model that takes text only. */
export class PictureDescriber {
  readonly timeoutMs: number;
  readonly cacheMs: number;
  readonly #model: llm.LLM;

  /** @throws OptionError */
  constructor(options: DescribePicturesOptions) {
    const { timeoutMs, cacheMs } = filled('describePictures', options, DESCRIBE_PICTURES);
    const { llm: model } = options;
    if (!(model instanceof llm.LLM))
      throw new OptionError('describePictures.llm', model, 'pass an llm.LLM with image input');
    const refusal = pipelineRefusal(model);
    if (refusal) throw new OptionError('describePictures.llm', model.label(), refusal);
    this.#model = model;
    this.timeoutMs = timeoutMs;
    this.cacheMs = cacheMs;
  }

  /**
   * What the picture shows, as it matters for the question.
   * @param picture - It, or the labelled pictures of a screen with tiles.
   * @throws ModelAnswerError if the request failed, or the answer is empty.
   */
  async describe(
    picture: readonly llm.ChatContent[],
    question: string,
    signal: AbortSignal,
  ): Promise<string> {
    const context = new llm.ChatContext();
    context.addMessage({ role: 'system', content: INSTRUCTIONS });
    context.addMessage({ role: 'user', content: [question || 'What is there?', ...picture] });
    return (await answerOf(this.#model, context, signal)).trim();
  }
}

/**
 * Eyes for a model that takes text only: another model describes the newest frame of each user turn,
 * and its words go into the request where the picture would. For the option `input.describe`.
 *
 * @throws OptionError
 */
export function describePictures(options: DescribePicturesOptions): PictureDescriber {
  return new PictureDescriber(options);
}

const INSTRUCTIONS =
  'You are the eyes of an assistant that cannot see. You get one picture of a live video and what the ' +
  'user says to the assistant. Describe the picture in at most five sentences: first what matters for ' +
  'the words of the user, then the rest: people, objects, colors, and any text word for word. Say what ' +
  'you see and nothing else. Do not answer the user.';
