/** The frame that was attached to a turn. */
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
  /** What a right answer contains; `undefined` for a user's own picture. */
  readonly expected?: string | undefined;
  readonly imagesInRequest: number;
  readonly llmCalls: number;
  readonly frame: TurnFrame | null;
  /** The picture that the model got, as a data URL. */
  readonly picture?: string | undefined;
  /** Since the start. */
  readonly atMs?: number | undefined;
}

export interface Switch {
  /** `none` if no source was watched before. */
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

/** The avatar as the user sees it; times since the start of the agent. */
export interface AvatarResult {
  /** Its states, in order. */
  readonly states: readonly string[];
  readonly joinMs: number | null;
  /** Time until the user heard its first sound. */
  readonly firstAudioMs: number | null;
  readonly faults: readonly string[];
  /** Its face during speech, as a data URL. */
  readonly picture?: string | undefined;
}

/** The content of `--json`, without the pictures. */
export interface DemoResult {
  readonly ok: boolean;
  readonly turns: readonly Turn[];
  readonly switches: readonly Switch[];
  /** Plain figures, nested as the metrics are. */
  readonly metrics: object;
  readonly transitions: readonly Transition[];
  /** With `--avatar`. */
  readonly avatar?: AvatarResult | undefined;
}

/** The avatar joined, was heard and seen, and had no fault. */
export function isFine({ joinMs, firstAudioMs, faults, picture }: AvatarResult): boolean {
  return joinMs !== null && firstAudioMs !== null && faults.length === 0 && picture !== undefined;
}

/** The answer contains what was shown, in any case of letters; any answer to a user's own picture. */
export function isAnswered({ answer, expected }: Turn): boolean {
  if (expected === undefined) return answer !== '';
  return answer.toLowerCase().includes(expected.toLowerCase());
}

/** The answer is right, from this turn's own picture and no other, with one model call. */
export function isRight(turn: Turn): boolean {
  const { frame, imagesInRequest, llmCalls } = turn;
  return isAnswered(turn) && frame !== null && imagesInRequest === 1 && llmCalls === 1;
}
