import { expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import { LookRequests } from '../../src/session/look-requests.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';

test('a look that is answered leaves no listener', async () => {
  const heard = new Map<string, (event: object) => void>();
  const listen = (type: string, listener: (event: object) => void) => {
    heard.set(type, listener);
    return { unsubscribe: () => heard.delete(type) };
  };
  const actor = {
    getSnapshot: () => ({ hasTag: () => true }),
    on: listen,
    subscribe: (listener: (event: object) => void) => listen('snapshot', listener),
    send: ({ lookId }: { lookId: number }) => heard.get('look.answered')?.({ lookIds: [lookId] }),
  } as unknown as SessionActor;
  const frame = {} as SeenFrame;
  const requests = new LookRequests({
    actor,
    sources: { current: 'camera', showing: () => undefined },
    timeoutMs: 100,
    latestFrame: async () => frame,
    shownFrame: async () => undefined,
    hasFrame: () => true,
  });
  expect(await requests.look({})).toBe(frame);
  expect([...heard.keys()]).toEqual([]);
});
