/** Numbers and times of one watch. Times are in ms. */
export interface WatchInput {
  /**
   * Time from the end of one look to the next; `null` if only schedules and scene changes start
   * looks.
   */
  everyMs: number | null;
  lookTimeoutMs: number;
  decideTimeoutMs: number;
  actTimeoutMs: number;
  /**
   * Act if `looks` of `of` decisions say yes, `everyMs` apart, and the first yes is `forMs` old.
   */
  confirm: { looks: number; of: number; everyMs: number; forMs: number };
  /**
   * What to do while the user or the agent speaks: `wait` for silence, `drop` the act, or `ignore`
   * it.
   */
  floor: 'wait' | 'drop' | 'ignore';
  /** How long an act waits for a free floor. */
  floorTimeoutMs: number;
  coolDownMs: number;
  budget: { looksPerMinute: number; actsPerHour: number };
  /** Pause after a failure; doubles with each failure in a row. */
  backOff: { baseMs: number; maxMs: number };
}

export interface WatchContext extends WatchInput {
  /** Number of the current look, or of the last one. */
  lookId: number;
  looksLeft: number;
  actsLeft: number;
  /** Decisions since the first yes, by their result. */
  yes: number;
  no: number;
  /** Failed looks and decisions in a row; `actFailures`: failed acts in a row. */
  failures: number;
  actFailures: number;
}

/** Why a look is due before its interval has elapsed. */
export type LookCause = 'schedule' | 'change';

export type WatchEvent =
  | { type: 'watch.start' }
  | { type: 'watch.stop' }
  | { type: 'look.due'; cause: LookCause }
  /** The user or the agent began to speak. */
  | { type: 'floor.taken' }
  | { type: 'floor.free' }
  /** Raised by the machine itself: one minute after a look, one hour after an act. */
  | { type: 'budget.lookReturned' }
  | { type: 'budget.actReturned' }
  /** Raised by the machine itself: a look begins, or evidence begins or ends. */
  | { type: 'demand.met' }
  | { type: 'evidence.begun' }
  | { type: 'evidence.over' };

/** The decision; the answer's text is kept outside the machine. */
export interface WatchVerdict {
  act: boolean;
}

export type WatchFailure = 'schedule' | 'look' | 'decide' | 'act';
export type WatchDrop = 'floor' | 'budget';

/** What the watch reports. */
export type WatchReport =
  | { type: 'watch.started' }
  | { type: 'watch.stopped' }
  | { type: 'look.begun'; lookId: number }
  | { type: 'look.decided'; lookId: number; act: boolean }
  | { type: 'act.begun'; lookId: number }
  | { type: 'act.done'; lookId: number }
  | { type: 'act.dropped'; lookId: number; reason: WatchDrop }
  | { type: 'watch.failed'; lookId: number; step: WatchFailure; error: string };
