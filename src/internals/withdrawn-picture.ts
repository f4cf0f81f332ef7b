import { llm } from '@livekit/agents';

/** The framework marks its own text objects with this symbol, which it looks up globally. */
const INSTRUCTIONS = Symbol.for('livekit.agents.Instructions');

/** A picture in a provider's wire format, as far as it is known here. */
type WrittenPicture = Record<string, unknown>;

/** The unsent requests that contain a picture. */
const writtenAs = new WeakMap<llm.ImageContent, WeakRef<WrittenPicture>[]>();

/**
 * Replaces a picture in every message that contains it with a line of text, in place. Copies of a
 * context share their content objects, and a provider's format is created for each attempt, so
 * waiting and retried requests lose the picture too. So do unsent requests that {@link
 * followRequests} recorded.
 *
 * The framework has no public API: of its content types, only `Instructions` is an object that it
 * reads as text. `test/internals/withdrawn-picture.test.ts` fails if a version reads it
 * differently.
 */
export function withdrawPicture(picture: llm.ImageContent, text: string): void {
  const content = picture as unknown as Record<string | symbol, unknown>;
  // A request that is reading the picture at this moment still writes to the cache.
  const _cache = emptied(content._cache ?? {});
  emptied(content);
  Object.assign(content, {
    type: 'instructions',
    value: text,
    audio: text,
    text,
    asModality: () => content,
    toJSON: () => text,
    [INSTRUCTIONS]: true,
    _cache,
  });
  for (const written of writtenAs.get(picture) ?? []) {
    const part = written.deref();
    if (part) withdrawPart(part, text);
  }
  writtenAs.delete(picture);
}

let isFollowing = false;

/**
 * From now on, each request records which of its pictures it has written, so that {@link
 * withdrawPicture} reaches it until it is sent. The wire format is created inside the plugins, so
 * this applies to all contexts of the process. Idempotent.
 */
export function followRequests(): void {
  if (isFollowing) return;
  isFollowing = true;
  const { prototype } = llm.ChatContext;
  const original = prototype.toProviderFormat;
  prototype.toProviderFormat = async function (this: llm.ChatContext, format, ...others) {
    // Read here: what is withdrawn while the request is written no longer has an image.
    const pictures = picturesOf(this);
    const made = await original.call(this, format, ...others);
    if (pictures.size > 0) follow(made, pictures);
    return made;
  };
}

/** The pictures of a context, by their bytes in base64. */
function picturesOf({ items }: llm.ChatContext): Map<string, llm.ImageContent[]> {
  const pictures = new Map<string, llm.ImageContent[]>();
  for (const item of items) {
    if (item.type !== 'message') continue;
    for (const part of item.content) {
      if (typeof part !== 'object' || part.type !== 'image_content') continue;
      const bytes = bytesIn(part.image);
      if (bytes !== undefined) pictures.set(bytes, [...(pictures.get(bytes) ?? []), part]);
    }
  }
  return pictures;
}

/** Finds the pictures in written data, at any depth. */
function follow(written: unknown, pictures: ReadonlyMap<string, llm.ImageContent[]>): void {
  if (typeof written !== 'object' || written === null) return;
  const part = written as WrittenPicture;
  const bytes = bytesOfPart(part);
  for (const picture of (bytes !== undefined && pictures.get(bytes)) || []) {
    const { type, value } = picture as unknown as { type: string; value: string };
    if (type === 'instructions') {
      emptied(picture._cache);
      withdrawPart(part, value);
    } else writtenAs.set(picture, [...(writtenAs.get(picture) ?? []), new WeakRef(part)]);
  }
  if (bytes === undefined) for (const inner of Object.values(part)) follow(inner, pictures);
}

function emptied<T extends object>(record: T): T {
  for (const key of Object.keys(record)) Reflect.deleteProperty(record, key);
  return record;
}

const bytesIn = (url: unknown): string | undefined =>
  typeof url === 'string' && url.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : undefined;

/**
 * The image data in the formats of OpenAI chat, OpenAI responses and Gemini; `undefined` if there
 * is none.
 */
function bytesOfPart(part: WrittenPicture): string | undefined {
  const { image_url: url, inlineData } = part as {
    image_url?: string | { url?: unknown };
    inlineData?: { data?: unknown };
  };
  if (typeof inlineData?.data === 'string') return inlineData.data;
  return bytesIn(typeof url === 'object' ? url?.url : url);
}

/** Replaces the picture in the message with a line of text. */
function withdrawPart(part: WrittenPicture, text: string): void {
  const type = { image_url: 'text', input_image: 'input_text' }[String(part.type)];
  Object.assign(emptied(part), type ? { type, text } : { text });
}
