import type { llm } from '@livekit/agents';

/** The framework marks a piece of text of its own by this symbol, which it looks up globally. */
const INSTRUCTIONS = Symbol.for('livekit.agents.Instructions');

/**
 * Takes a picture out of every message that holds it, in place: what was an image is a line of text
 * from now on. Copies of a context share the objects of their content, and a provider's format is
 * made anew for each attempt, so that also a request that waits, or is tried again, has no picture.
 *
 * The framework has no public way: of its kinds of content only `Instructions` is an object that is
 * read as text. `test/internals/withdrawn-picture.test.ts` fails if a version reads it otherwise.
 */
export function withdrawPicture(picture: llm.ImageContent, text: string): void {
  const content = picture as unknown as Record<string | symbol, unknown>;
  for (const key of Object.keys(content)) Reflect.deleteProperty(content, key);
  Object.assign(content, {
    type: 'instructions',
    value: text,
    audio: text,
    text,
    asModality: () => content,
    toJSON: () => text,
    [INSTRUCTIONS]: true,
  });
}
