import { EventEmitter } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { held, listenerNames } from '../../../src/testing/measure/held.ts';
import { openDescriptors, residentMb } from '../../../src/testing/measure/memory.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const listening = (...events: string[]) => {
  const emitter = new EventEmitter();
  for (const event of events) emitter.on(event, () => {});
  return emitter;
};
const actor = (...children: object[]): object => ({
  getSnapshot: () => ({ children: Object.fromEntries(children.entries()) }),
});

test('the held resources are those of all stages and of the process', () => {
  vi.spyOn(process, 'memoryUsage').mockReturnValue({
    ...{
      rss: 3 * 2 ** 20,
      heapUsed: 2 ** 20,
      external: 2 ** 19,
      heapTotal: 1.5 * 2 ** 20,
      arrayBuffers: 0,
    },
  });
  const names = ['Timeout', 'Immediate', 'Timeout', 'TCPSocketWrap'];
  vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue(names);
  vi.stubGlobal('_ffiClientInstance', listening('ffi_event', 'ffi_event', 'other'));
  const stage = {
    room: listening('a', 'a', 'b'),
    session: listening('c'),
    video: {
      actor: actor(actor(actor()), actor()),
      metrics: () => ({ frames: { held: 2, pending: 1 } }),
    },
  };
  const none = held([]);
  const two = held([stage, stage] as never);
  expect(two).toMatchObject({
    ...{ native: 1.5, heap: 1, heapSize: 1.5, buffers: 0.5, timers: 3, otherHandles: 1 },
    ...{ nativeStreams: 2, frames: 6, actors: 8, listeners: none.listeners + 8 },
  });
  expect(none.listeners).toBeGreaterThan(0);
  expect(two.descriptors).toBeGreaterThan(0);
  vi.stubGlobal('_ffiClientInstance', undefined);
  expect(held([])).toMatchObject({ nativeStreams: 0, frames: 0, actors: 0 });
});

test('the events with listeners are named with their number', () => {
  expect(listenerNames([listening('a', 'a', 'b'), listening('c')])).toBe('a 2, b 1; c 1');
});

test('the memory of a process is read in MB, and is null if there is none', () => {
  expect(residentMb(2 ** 30)).toBeNull();
  if (process.platform !== 'linux') return;
  const { now = 0, peak = 0 } = residentMb(process.pid) ?? {};
  const rss = process.memoryUsage().rss / 2 ** 20;
  expect(Math.abs(now - rss)).toBeLessThan(rss / 2);
  expect(peak).toBeGreaterThanOrEqual(now);
  expect(openDescriptors()).toBeGreaterThan(2);
});
