import type { PictureLike } from '../pictures/picture.ts';
import type { AgentKind, StoryToolCall } from './steps.ts';

/** A question of the user with its result. Times are in ms since the epoch. */
export interface Question {
  readonly number: number;
  /** Index of its step. */
  readonly step: number;
  /** When it was asked: with a button, the release. */
  at: number;
  agent: AgentKind;
  readonly isSpoken: boolean;
  /** State of the button, if the user asks with one. */
  press?: 'held' | 'released' | 'cancelled';
  readonly tools: readonly StoryToolCall[];
  /** Whether the agent session accepted it. */
  isTaken: boolean;
  /** The operation of the user, the application or the network that may cut off the answer. */
  cutOff?: { readonly at: number; readonly by: string };
  /** Times at which the conversation got the answer: exactly one if all is well. */
  readonly answers: number[];
  /** When the player stopped waiting for the answer. */
  gaveUpAt?: number;
}

/** A request to a model. */
export interface Asked {
  readonly at: number;
  readonly agent: AgentKind;
  /** Number of the question; 0 for none. */
  readonly question: number;
  /** Whether the request has the results of tools. */
  readonly isFollowUp: boolean;
  /** Whether a realtime model answers speech, perhaps with a text that was typed meanwhile. */
  readonly isSpeech: boolean;
  /** Pictures of the user's newest message, which the turn added. */
  readonly own: readonly PictureLike[];
  /** All pictures that the model sees. */
  readonly pictures: readonly PictureLike[];
}

/** A picture that the service of a realtime model received. */
export interface Received {
  readonly at: number;
  readonly agent: AgentKind;
  readonly picture: PictureLike;
}

/** A picture that the application or the inspector got. */
export interface Handed {
  readonly step: number;
  readonly by: string;
  readonly picture: PictureLike;
}

/** A speech of the agent, which is a stair. Times are in ms since the epoch. */
export interface Speech {
  /** Index of its step. */
  readonly step: number;
  readonly at: number;
  /** Its length, in ms. */
  readonly ms: number;
  /** When the agent session regarded it as played. */
  doneAt?: number;
  /** The operation of the story that ended it early. */
  cutOff?: { readonly at: number; readonly by: string };
  /** Whether its avatar was lost. */
  isTakenOver?: boolean;
  /** Whether the user left the room meanwhile. */
  isMissed?: boolean;
}

/** The outside view of a story. */
export class StoryRecord {
  readonly questions: Question[] = [];
  readonly speeches: Speech[] = [];
  readonly asked: Asked[] = [];
  readonly received: Received[] = [];
  /** Only in a story with a mask. */
  readonly handed: Handed[] = [];
  /** Uncaught errors. Each of them would end a process. */
  readonly uncaught: string[] = [];
  /** Why the agent session closed by itself. */
  closedBy: string | undefined;
  /** Refusals of the model services. */
  readonly refused: string[] = [];
  /** Times of the steps that move the conversation to another agent or connection. */
  readonly moves: { readonly from: number; to?: number }[] = [];
  /** Failures of rtc-node or the server: the story is then not judged. */
  readonly networkFaults: string[] = [];
  /** Failures of steps. */
  readonly problems: { readonly step: number; readonly what: string }[] = [];

  /** Number of the last question that was asked; 0 if there is none. */
  get lastAsked(): number {
    return this.questions.findLast(isAsked)?.number ?? 0;
  }

  /** Notes an operation that may end the current answers and speeches. */
  cutOff(by: string): void {
    for (const speech of this.speeches)
      if (speech.doneAt === undefined) speech.cutOff ??= { at: Date.now(), by };
    for (const question of this.questions)
      if (question.answers.length === 0) question.cutOff ??= { at: Date.now(), by };
  }
}

/** Whether the user has asked it, which a press does not before the release. */
export const isAsked = ({ press = 'released' }: Question): boolean => press === 'released';

export const questionText = (number: number): string => `Question ${number}?`;
export const answerText = (number: number): string => `Answer ${number}.`;

/** The number of the last question in a text; 0 if there is none. */
export const questionIn = (text: string): number => questionsIn(text).at(-1) ?? 0;
/** The numbers of the questions in a text. */
export const questionsIn = (text: string): number[] => numbers(text, /Question (\d+)\?/g);
/** The numbers of the questions that a text answers. */
export const answersIn = (text: string): number[] => numbers(text, /Answer (\d+)\./g);

const numbers = (text: string, pattern: RegExp): number[] => [
  ...new Set([...text.matchAll(pattern)].map(([, number]) => Number(number))),
];
