import type { JsonObject } from './json.ts';
import type { ReceivedFrame } from './service-record.ts';

/** An answer of the model. */
export interface Reply {
  text?: string;
  /** Length of a spoken answer, in ms. */
  audioMs?: number;
  toolCalls?: readonly { name: string; args?: JsonObject }[];
  /** The answer stays unfinished until `finishReply()` or an interruption. */
  hold?: boolean;
}

/** A question to the model. */
export interface Question {
  /** Id of the connection. */
  connection: number;
  /**
   * Typed or spoken text, or the results of tools. Each question that is not answered yet is a line.
   */
  text: string;
  /** Instructions for this answer; may be empty. */
  instructions: string;
  cause: 'text' | 'speech' | 'tools';
  /** The pictures that the model sees in this turn and in the conversation before it. */
  frames: readonly ReceivedFrame[];
}

/** Plays the model. `null` means no answer. */
export type Replier = (question: Question) => Answer | Promise<Answer>;
export type Answer = string | Reply | null;

/**
 * Recognizes speech of the user, as 16-bit PCM, when a push-to-talk client ends it. Without this,
 * such speech has no transcript.
 */
export type Transcriber = (sound: Buffer) => string;

export const DEFAULT_REPLY = 'I see it.';

/** Short, because a test without a room does not play it. */
const DEFAULT_AUDIO_MS = 40;
const AUDIO_RATE = 24_000;

export function replyOf(answer: string | Reply): Reply {
  return typeof answer === 'string' ? { text: answer } : answer;
}

/** Silence of the reply's length as base64: 16 bits at 24 kHz, the format of both services. */
export function silence({ audioMs = DEFAULT_AUDIO_MS }: Reply): string {
  return Buffer.alloc(2 * Math.round((AUDIO_RATE * audioMs) / 1000)).toString('base64');
}
