import { within as limited } from '../time-limit.ts';

/** How long a test waits for anything; machines that run tests are busy. In ms. */
export const WAIT_LIMIT_MS = 30_000;

/** The promise's value, or an error that says what did not come. */
export const within = <T>(what: string, promise: Promise<T>, limitMs = WAIT_LIMIT_MS): Promise<T> =>
  limited(limitMs, promise, () => new Error(`no ${what} within ${limitMs / 1000} s`));

/** Waits until the check holds, for what has no event. */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  limitMs = WAIT_LIMIT_MS,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`not ${what} within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** Waits until the check holds, looking now and at each of these events. */
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
