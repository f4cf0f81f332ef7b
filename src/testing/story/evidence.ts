import type { Hearing } from './heard.ts';
import type { StoryRecord } from './record.ts';
import type { Stalls } from './stalls.ts';
import type { AgentKind } from './steps.ts';
import type { World } from './world.ts';

/** Limits for the turns, in ms. */
export interface TimeLimits {
  /** The longest typed turn of an agent of this kind without video. */
  usual(kind: AgentKind): number;
  /** Longest wait of a turn for its picture. */
  readonly budgetMs: number;
  /** Most time between the arrivals of a picture at two readers of its track. */
  readonly spreadMs: number;
}

export interface Evidence {
  readonly record: StoryRecord;
  readonly world: World;
  /** What the user heard. */
  readonly heard: Hearing;
  /** The effect of the story's masks: `withholds` if one of them fails at times. */
  readonly mask: 'none' | 'covers' | 'slow' | 'withholds';
  readonly stalls: Stalls;
  readonly limits: TimeLimits;
  /** Resources that are left at the end. */
  readonly left: readonly string[];
}
