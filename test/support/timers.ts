import { createHook } from 'node:async_hooks';

/** Timers that were created during the work and are still open after it, by their creator. */
export async function timersLeftBy(work: () => Promise<void>): Promise<string[]> {
  const open = new Map<number, string>();
  const hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') open.set(id, new Error('set').stack ?? '');
    },
    destroy: (id) => void open.delete(id),
  }).enable();
  await work();
  // The end of a timer is reported a little later.
  await new Promise(setImmediate);
  hook.disable();
  return [...open.values()];
}
