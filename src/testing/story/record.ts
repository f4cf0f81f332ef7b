import type { PictureLike } from '../pictures/picture.ts';
import type { AgentKind, StoryToolCall } from './steps.ts';

/** A question of the user, and what became of it. Times are in ms since the epoch. */
export interface Question {
  readonly number: number;
  /** Index of its step. */
  readonly step: number;
  readonly at: number;
  readonly agent: AgentKind;
  readonly isSpoken: boolean;
  readonly tools: readonly StoryToolCall[];
  /** The agent session took it. */
  isTaken: boolean;
  /** The user, the application or the network did something that may cut the answer off. */
  cutOff?: { readonly at: number; readonly by: string };
  /** When the answer was in the conversation: exactly one time, if all is well. */
  readonly answers: number[];
  /** The player gave up to wait for the answer. */
  gaveUpAt?: number;
}

/** A model was asked about a question. */
export interface Asked {
  readonly at: number;
  readonly agent: AgentKind;
  /** 0 if the request is about none. */
  readonly question: number;
  /** Whether the model goes on with what its tools answered. */
  readonly isFollowUp: boolean;
  /** Pictures of the newest message of the user: what the turn carries. */
  readonly own: readonly PictureLike[];
  /** All pictures that the model sees with it. */
  readonly pictures: readonly PictureLike[];
}

/** A picture that came to the service of a realtime model. */
export interface Received {
  readonly at: number;
  readonly agent: AgentKind;
  readonly picture: PictureLike;
}

/** What the agent says: a stair. Times are in ms since the epoch. */
export interface Speech {
  /** Index of its step. */
  readonly step: number;
  readonly at: number;
  /** Its length, in ms. */
  readonly ms: number;
  /** The agent session took it for played. */
  doneAt?: number;
  /** An operation of the story ended it early. */
  cutOff?: { readonly at: number; readonly by: string };
  /** The avatar that spoke it was gone. */
  isTakenOver?: boolean;
}

/** What was seen from outside while a story was played. */
export class StoryRecord {
  readonly questions: Question[] = [];
  readonly speeches: Speech[] = [];
  readonly asked: Asked[] = [];
  readonly received: Received[] = [];
  /** Errors that nothing caught: each of them ends a process. */
  readonly uncaught: string[] = [];
  /** The agent session closed without being asked to. */
  closedBy: string | undefined;
  /** What the services of the models refused. */
  readonly refused: string[] = [];
  /** Steps that move the conversation: to another agent, another connection. */
  readonly moves: { readonly from: number; to?: number }[] = [];
  /** What a step could not do. */
  readonly problems: { readonly step: number; readonly what: string }[] = [];

  /** Something that may end the answers and speeches that are under way. */
  cutOff(by: string): void {
    for (const speech of this.speeches)
      if (speech.doneAt === undefined) speech.cutOff ??= { at: Date.now(), by };
    for (const question of this.questions)
      if (question.answers.length === 0) question.cutOff ??= { at: Date.now(), by };
  }
}

export const questionText = (number: number): string => `Question ${number}?`;
export const answerText = (number: number): string => `Answer ${number}.`;

/** The number of the last question in a text; 0 if there is none. */
export const questionIn = (text: string): number => lastNumber(text, /Question (\d+)\?/g);
export const answerIn = (text: string): number => lastNumber(text, /Answer (\d+)\./g);

const lastNumber = (text: string, pattern: RegExp): number =>
  Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0);
