import { AssertionError } from 'node:assert';
import { llm } from '@livekit/agents';
import sharp from 'sharp';
import { TestingError } from '../errors.ts';
import { imageFile, type PictureLike, unreadable } from './picture.ts';

/** The model that judges a picture, and the criterion. */
export interface Judgement {
  /** A model that takes pictures. */
  readonly llm: llm.LLM;
  /** What the picture should show, such as `a cup of coffee on a table`. */
  readonly intent: string;
}

/** The answer of a judge. */
export interface Verdict {
  readonly passed: boolean;
  readonly reason: string;
}

const INSTRUCTIONS =
  'You judge a picture in a test. Answer with JSON and nothing else: ' +
  '{"passed": true or false, "reason": "one sentence"}. ' +
  'passed is true only if the picture shows what the user describes.';

/**
 * Lets a model decide whether the picture shows the intent.
 *
 * @throws TestingError if the answer is not a verdict.
 */
export async function judgePicture(
  picture: PictureLike,
  { llm: model, intent }: Judgement,
): Promise<Verdict> {
  const context = new llm.ChatContext();
  context.addMessage({ role: 'system', content: INSTRUCTIONS });
  context.addMessage({
    role: 'user',
    content: [`Does it show this: ${intent}`, await contentOf(picture)],
  });
  const { text } = await model.chat({ chatCtx: context }).collect();
  return verdictIn(text);
}

/** Fails unless the judge confirms the intent. @throws AssertionError with the judge's reason. */
export async function assertShows(
  picture: PictureLike | undefined,
  judgement: Judgement,
): Promise<void> {
  const { passed, reason } =
    picture === undefined
      ? { passed: false, reason: 'there is no picture' }
      : await judgePicture(picture, judgement);
  if (passed) return;
  const message = `the picture does not show ${judgement.intent}: ${reason}`;
  throw new AssertionError({ message, actual: false, expected: true, operator: 'shows' });
}

async function contentOf(picture: PictureLike): Promise<llm.ImageContent> {
  const file = await imageFile(picture);
  const jpeg = await sharp(file)
    .autoOrient()
    .flatten()
    .jpeg()
    .toBuffer()
    .catch((error: unknown) => {
      throw unreadable(file, error);
    });
  return llm.createImageContent({
    image: `data:image/jpeg;base64,${jpeg.toString('base64')}`,
    mimeType: 'image/jpeg',
  });
}

function verdictIn(text: string): Verdict {
  const [json = ''] = text.match(/\{.*\}/s) ?? [];
  try {
    const { passed, reason } = JSON.parse(json) as Partial<Verdict>;
    if (typeof passed === 'boolean') return { passed, reason: String(reason ?? '') };
  } catch {
    // Not JSON: reported below.
  }
  throw new TestingError(
    'judge',
    `the judge answered ${JSON.stringify(text.slice(0, 120))}`,
    'use a model that takes pictures and follows instructions',
  );
}
