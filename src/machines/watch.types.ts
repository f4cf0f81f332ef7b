/** Numbers and times of one watch. Times are in ms. */
export interface WatchInput {
  /** From the end of one look to the next; `null` where only a schedule or a change brings one. */
  everyMs: number | null;
  lookTimeoutMs: number;
  decideTimeoutMs: number;
  actTimeoutMs: number;
  /** Yes in `looks` of `of` looks, each `everyMs` after the other, the first one `forMs` ago. */
  confirm: { looks: number; of: number; everyMs: number; forMs: number };
  /** What happens where somebody speaks: `wait` until nobody does, `drop` it, or `ignore` that. */
  floor: 'wait' | 'drop' | 'ignore';
  /** How long the floor is waited for. */
  floorTimeoutMs: number;
  coolDownMs: number;
  budget: { looksPerMinute: number; actsPerHour: number };
  /** After a failure, doubled with each one in a row. */
  backOff: { baseMs: number; maxMs: number };
}

export interface WatchContext extends WatchInput {
  /** The look that is under way, or was the last. */
  lookId: number;
  looksLeft: number;
  actsLeft: number;
  /** Of the looks that are to confirm one another. */
  yes: number;
  no: number;
  /** Looks and decisions that failed in a row, and acts that did. */
  failures: number;
  actFailures: number;
}

/** Why a look is due, beside the timer. */
export type LookCause = 'schedule' | 'change';

export type WatchEvent =
  | { type: 'watch.start' }
  | { type: 'watch.stop' }
  | { type: 'look.due'; cause: LookCause }
  /** The user or the agent began to speak. */
  | { type: 'floor.taken' }
  | { type: 'floor.free' }
  /** To itself: a minute after a look, an hour after an act. */
  | { type: 'budget.lookReturned' }
  | { type: 'budget.actReturned' }
  /** To itself: a look begins, and whether looks confirm one another. */
  | { type: 'demand.met' }
  | { type: 'evidence.begun' }
  | { type: 'evidence.over' };

/** What a decision says; the answer itself stays outside. */
export interface WatchVerdict {
  act: boolean;
}

export type WatchFailure = 'schedule' | 'look' | 'decide' | 'act';
export type WatchDrop = 'floor' | 'budget';

/** What it tells. */
export type WatchReport =
  | { type: 'watch.started' }
  | { type: 'watch.stopped' }
  | { type: 'look.begun'; lookId: number }
  | { type: 'look.decided'; lookId: number; act: boolean }
  | { type: 'act.begun'; lookId: number }
  | { type: 'act.done'; lookId: number }
  | { type: 'act.dropped'; lookId: number; reason: WatchDrop }
  | { type: 'watch.failed'; lookId: number; step: WatchFailure; error: string };
