export const PROMISES = [
  'answered',
  'seen',
  'heard',
  'alive',
  'off',
  'masked',
  'nothingLeft',
] as const;
/**
 * The promises that a story checks. `answered`: each turn is, once and in time. `seen`: the newest
 * picture, and none that was withdrawn. `heard`: the agent's speech, once. `alive`: the agent stays
 * so. `off`: no picture is seen while the video is off. `masked`: no picture shows what a mask
 * hides. `nothingLeft`: nothing remains at the end.
 */
export type PromiseName = (typeof PROMISES)[number];

export interface Break {
  readonly promise: PromiseName;
  /** Index of the step that broke it. */
  readonly step: number;
  readonly message: string;
}

export interface Count {
  checked: number;
  broken: number;
  /**
   * Not checked: speeches during which the machine lost sound, and spoken turns that the agent
   * session never accepted.
   */
  unmeasured: number;
}

export type Checked = { [P in PromiseName]: Count };

/** No promise is checked yet. */
export const nothingChecked = (): Checked =>
  Object.fromEntries(
    PROMISES.map((promise) => [promise, { checked: 0, broken: 0, unmeasured: 0 }]),
  ) as Checked;

/** Counts the checks of a story and lists what broke. */
export class Verdict {
  readonly breaks: Break[] = [];
  readonly checked = nothingChecked();

  check(...promises: PromiseName[]): void {
    for (const promise of promises) this.checked[promise].checked += 1;
  }

  break(promise: PromiseName, step: number, message: string): void {
    this.checked[promise].broken += 1;
    this.breaks.push({ promise, step, message });
  }
}
