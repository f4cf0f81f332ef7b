import type { llm } from '@livekit/agents';
import { RecordedPicture } from './recorded-picture.ts';

/** A piece of a message as the model got it: the history's own may change later. */
export type Part = string | RecordedPicture;

/** A message as the model got it. */
export interface RecordedMessage {
  readonly id: string;
  readonly role: llm.ChatRole;
  readonly parts: readonly Part[];
  /** Its words, without its pictures. */
  readonly text: string;
}

/** One call of the model. */
export interface RecordedRequest {
  /** When it came, in ms since the epoch. */
  readonly at: number;
  readonly messages: readonly RecordedMessage[];
  /** Pictures in the whole context, oldest first. */
  readonly pictures: readonly RecordedPicture[];
  /** Pictures in the last user message. */
  readonly ownPictures: readonly RecordedPicture[];
  /** Text of the last user message. */
  readonly text: string;
  /** Names of the tools that the model could call. */
  readonly tools: readonly string[];
}

/** What a context holds now. */
export function recordedRequest(
  context: llm.ChatContext,
  tools: readonly string[] = [],
): RecordedRequest {
  const at = Date.now();
  const messages = context.items
    .filter((item) => item.type === 'message')
    .map((message) => recordedMessage(message, at));
  const own = messages.findLast(({ role }) => role === 'user');
  return {
    at,
    messages,
    pictures: messages.flatMap(({ parts }) => parts.filter(isPicture)),
    ownPictures: own?.parts.filter(isPicture) ?? [],
    text: own?.text ?? '',
    tools,
  };
}

/** The message as it is now. */
export function recordedMessage(
  { id, role, content }: llm.ChatMessage,
  at = Date.now(),
): RecordedMessage {
  const parts = content.flatMap((part): Part[] => {
    if (typeof part === 'string') return [part];
    if (part.type === 'instructions') return [part.value];
    return part.type === 'image_content' ? [new RecordedPicture(part, at)] : [];
  });
  const text = parts.filter((part) => typeof part === 'string').join('\n');
  return { id, role, parts, text };
}

export const isPicture = (part: Part): part is RecordedPicture => typeof part !== 'string';
