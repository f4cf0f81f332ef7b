import type { JsonObject } from './json.ts';
import type { ReceivedFrame } from './service-record.ts';

/** What a model is to answer. */
export interface Reply {
  text?: string;
  /** Length of the speech, where the answer is spoken. */
  audioMs?: number;
  toolCalls?: readonly { name: string; args?: JsonObject }[];
  /** The answer stays unfinished until `finishReply()`, or until it is interrupted. */
  hold?: boolean;
}

/** What a model is asked. */
export interface Question {
  /** Id of the connection. */
  connection: number;
  /** What was written or said, or the results of tools. */
  text: string;
  /** What is to be kept in mind for this answer; empty without any. */
  instructions: string;
  cause: 'text' | 'speech' | 'tools';
  /** All pictures that came in until now. */
  frames: readonly ReceivedFrame[];
}

/** Plays the model; null answers nothing. */
export type Replier = (question: Question) => Answer | Promise<Answer>;
export type Answer = string | Reply | null;

export const DEFAULT_REPLY = 'I see it.';

/** Short: nothing plays it in a test without a room. */
const DEFAULT_AUDIO_MS = 40;
const AUDIO_RATE = 24_000;

export function replyOf(answer: string | Reply): Reply {
  return typeof answer === 'string' ? { text: answer } : answer;
}

/** Silence of the reply's length as base64, 16 bits at 24 kHz: what both services speak. */
export function silence({ audioMs = DEFAULT_AUDIO_MS }: Reply): string {
  return Buffer.alloc(2 * Math.round((AUDIO_RATE * audioMs) / 1000)).toString('base64');
}
