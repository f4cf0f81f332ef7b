import { expect, test } from 'vitest';
import { RemoteControl } from '../../src/session/remote-control.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

test('a remote control that is closed leaves no listener at the room', async () => {
  const room = new LoopbackRoom({ speech: true });
  const actor = {
    getSnapshot: () => ({ context: { mode: 'sampled' } }),
    subscribe: () => ({ unsubscribe: () => {} }),
  } as unknown as SessionActor;
  const errors: unknown[] = [];
  const control = RemoteControl.of(
    { room: room.asRoom(), control: 'participant' },
    { actor, linkedIdentity: () => null, onError: (error) => errors.push(error) },
  );
  control?.open();
  expect(room.listenerCount('reconnected')).toBe(1);
  await control?.close();
  expect(room.listenerCount('reconnected')).toBe(0);
  expect(errors).toEqual([]);
  await room.disconnect();
});
