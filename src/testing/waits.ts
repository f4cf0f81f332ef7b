import { within as limited } from '../time-limit.ts';
import { TestingError } from './errors.ts';

/** Default limit of each wait in a test, in ms. Long, because test machines are busy. */
export const WAIT_LIMIT_MS = 60_000;

/** The promise's value. @throws TestingError with the name of the missing event. */
export const within = <T>(what: string, promise: Promise<T>, limitMs = WAIT_LIMIT_MS): Promise<T> =>
  limited(limitMs, promise, () => late(`no ${what}`, limitMs));

/** Polls until the check holds, for conditions that have no event. @throws TestingError */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  limitMs = WAIT_LIMIT_MS,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw late(`not ${what}`, limitMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const late = (what: string, limitMs: number): TestingError =>
  new TestingError(
    'timeout',
    `${what} within ${limitMs / 1000} s`,
    'check that the test causes it, or set a longer limit',
  );

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** Waits until the check holds. Checks at once and at each of these events. @throws TestingError */
export function untilEvent(
  what: string,
  emitter: Emitter,
  events: readonly string[],
  check: () => boolean,
  limitMs = WAIT_LIMIT_MS,
): Promise<void> {
  let look = () => {};
  const held = new Promise<void>((resolve) => {
    look = () => {
      if (check()) resolve();
    };
    for (const event of events) emitter.on(event, look);
    look();
  });
  return within(what, held, limitMs).finally(() => {
    for (const event of events) emitter.off(event, look);
  });
}
