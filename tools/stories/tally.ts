import { type Checked, nothingChecked, PROMISES } from '../../src/testing/story/promises.ts';
import { FIELDS, type StepKind, type Story } from '../../src/testing/story/steps.ts';
import type { Failure, Played } from './play.ts';

/** Fewer speeches do not show whether the machine is too busy. */
const FEW_SPEECHES = 10;

export interface StoriesResult {
  readonly ok: boolean;
  /** Most speeches, or most stories, were not judged: the machine or the network failed. */
  readonly isTooBusy: boolean;
  readonly seed: number;
  readonly minutes: number;
  readonly stories: number;
  readonly steps: number;
  readonly byKind: Readonly<Record<StepKind, number>>;
  readonly promises: Checked;
  readonly failures: readonly Failure[];
  /** Failures that also occur in an agent session without Sightline. */
  readonly framework: readonly string[];
}

export interface TallyEvents {
  onFailure(failure: Failure): void;
  /** Called with each story that was not judged, and why. */
  onUnmeasured(seed: number, reason: string): void;
}

/** What was played so far. */
export class Tally {
  readonly #storyOf: (seed: number) => Story;
  readonly #events: TallyEvents;
  readonly #failures: Failure[] = [];
  readonly #framework: string[] = [];
  readonly #byKind = Object.fromEntries(Object.keys(FIELDS).map((kind) => [kind, 0])) as Record<
    StepKind,
    number
  >;
  readonly #promises = nothingChecked();
  #stories = 0;
  #unjudged = 0;

  constructor(storyOf: (seed: number) => Story, events: TallyEvents) {
    this.#storyOf = storyOf;
    this.#events = events;
  }

  add(seed: number, { story, promises, failures, framework, unmeasured }: Played): void {
    this.#stories += 1;
    for (const step of story) this.#byKind[step.do] += 1;
    for (const promise of PROMISES) {
      this.#promises[promise].checked += promises[promise].checked;
      this.#promises[promise].unmeasured += promises[promise].unmeasured;
    }
    for (const failure of failures) this.#fail(failure);
    this.#framework.push(...framework.map((what) => `seed ${seed}: ${what}`));
    if (unmeasured === undefined) return;
    this.#unjudged += 1;
    this.#events.onUnmeasured(seed, unmeasured);
  }

  /** The process is gone, or hangs. */
  died(seed: number, message: string): void {
    this.#stories += 1;
    this.#promises.alive.checked += 1;
    this.#fail({ promise: 'alive', story: this.#storyOf(seed), seed, message, again: 0 });
  }

  result(seed: number, minutes: number): StoriesResult {
    const { checked, unmeasured } = this.#promises.heard;
    const isTooBusy =
      (unmeasured > checked && unmeasured >= FEW_SPEECHES) || this.#unjudged > this.#stories / 2;
    return {
      ok: this.#failures.length === 0 && !isTooBusy,
      isTooBusy,
      seed,
      minutes,
      stories: this.#stories,
      steps: Object.values(this.#byKind).reduce((sum, count) => sum + count, 0),
      byKind: this.#byKind,
      promises: this.#promises,
      failures: this.#failures,
      framework: this.#framework,
    };
  }

  #fail(failure: Failure): void {
    this.#promises[failure.promise].broken += 1;
    this.#failures.push(failure);
    this.#events.onFailure(failure);
  }
}
