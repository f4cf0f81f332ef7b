import type { llm } from '@livekit/agents';
import { RecordedPicture } from './recorded-picture.ts';

/** A part of a message as the model received it. Later changes of the history do not affect it. */
export type Part = string | RecordedPicture;

/** A message as the model received it. */
export interface RecordedMessage {
  readonly id: string;
  readonly role: llm.ChatRole;
  readonly parts: readonly Part[];
  /** Text of the message, without pictures. */
  readonly text: string;
}

/** A request to the model. */
export interface RecordedRequest {
  /** Time of the request, in ms since the epoch. */
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

/** A copy of the current context. */
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

/** A copy of the current message. */
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
