import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PublicationSwitches } from '../../src/actors/publication-switches.ts';
import { rtcEngine } from '../../src/internals/rtc-engine.ts';
import { fileCamera } from '../support/camera.ts';

// The camera starts rtc-node's engine.
fileCamera();

/** What the server is asked for, in order. */
let asked: unknown[];
beforeEach(() => {
  asked = [];
  const engine = rtcEngine();
  if (!engine) throw new Error('rtc-node has no engine');
  vi.spyOn(engine.client, 'request').mockImplementation((request) => {
    const { message } = request as { message: { value: { enabled: unknown } } };
    asked.push(message.value.enabled);
    return {} as never;
  });
});
afterEach(() => vi.restoreAllMocks());

test('a source that leaves switches on what it had switched off, and nothing of others', () => {
  const switches = new PublicationSwitches();
  const [own, other] = [Symbol('own'), Symbol('other')];
  const publication = () => ({ ffiHandle: { handle: 7n }, track: {} });
  const [shared, alone] = [publication(), publication()];
  switches.off(shared, own);
  switches.off(shared, other);
  switches.off(alone, own);
  expect(asked).toEqual([false, false]);
  switches.leave(own);
  expect(asked).toEqual([false, false, true]);
  switches.leave(other);
  expect(asked).toEqual([false, false, true, true]);
});
