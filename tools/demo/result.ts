/** The frame that rode on a turn. */
interface TurnFrame {
  readonly source: string;
  readonly ageMs: number;
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
  readonly bytes: number;
}

export interface Turn {
  readonly kind: 'spoken' | 'typed';
  readonly question: string;
  readonly answer: string;
  /** What a right answer contains. */
  readonly expected: string;
  readonly imagesInRequest: number;
  readonly llmCalls: number;
  readonly frame: TurnFrame | null;
  /** The picture as the model got it, as a data URL. */
  readonly picture?: string | undefined;
  /** Since the start. */
  readonly atMs?: number | undefined;
}

export interface Switch {
  /** `none` where nothing was seen before. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly gapMs: number | null;
}

/** A change of state of one machine. */
export interface Transition {
  /** Since the start, in ms. */
  readonly atMs: number;
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

/** The avatar as the user met it; times since the start of the agent. */
export interface AvatarResult {
  /** Where it was, in order. */
  readonly states: readonly string[];
  readonly joinMs: number | null;
  /** Until the first sound of it that the user heard. */
  readonly firstAudioMs: number | null;
  readonly faults: readonly string[];
  /** Its face while it spoke, as a data URL. */
  readonly picture?: string | undefined;
}

/** What `--json` writes, but for the pictures. */
export interface DemoResult {
  readonly ok: boolean;
  readonly turns: readonly Turn[];
  readonly switches: readonly Switch[];
  /** Plain figures, nested as they come. */
  readonly metrics: object;
  readonly transitions: readonly Transition[];
  /** With `--avatar`. */
  readonly avatar?: AvatarResult | undefined;
}

/** It was there, was heard and seen, and nothing went wrong. */
export function isFine({ joinMs, firstAudioMs, faults, picture }: AvatarResult): boolean {
  return joinMs !== null && firstAudioMs !== null && faults.length === 0 && picture !== undefined;
}

/** The answer tells what was shown, in whatever capitals. */
export function isAnswered({ answer, expected }: Turn): boolean {
  return answer.toLowerCase().includes(expected.toLowerCase());
}

/** It tells what was shown, from this turn's own picture and no other, in one call of the model. */
export function isRight(turn: Turn): boolean {
  const { frame, imagesInRequest, llmCalls } = turn;
  return isAnswered(turn) && frame !== null && imagesInRequest === 1 && llmCalls === 1;
}
