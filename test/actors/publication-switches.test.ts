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

test('a publication is asked off once, and on after the last reason', () => {
  const switches = new PublicationSwitches();
  const source = Symbol('source');
  const publication = { ffiHandle: { handle: 7n }, track: {} };
  expect(switches.msSinceOn(publication)).toBe(Number.POSITIVE_INFINITY);
  expect(switches.off(publication, 'pause')).toBe(true);
  expect(switches.off(publication, source)).toBe(true);
  expect(asked).toEqual([false]);
  switches.on(publication, 'pause');
  switches.on(publication, 'pause');
  expect(asked).toEqual([false]);
  const now = vi.spyOn(performance, 'now').mockReturnValue(5000);
  switches.on(publication, source);
  expect(asked).toEqual([false, true]);
  now.mockReturnValue(6234);
  expect(switches.msSinceOn(publication)).toBe(1234);
  switches.on(publication, source);
  expect(asked).toHaveLength(2);
  switches.off(publication, 'pause');
  expect(asked).toEqual([false, true, false]);
});

test('a publication that the server cannot be asked about is not off', () => {
  const switches = new PublicationSwitches();
  expect(switches.off({}, 'pause')).toBe(false);
  switches.on({}, 'pause');
  expect(asked).toEqual([]);
});

test('a subscription lasts until the last source gives it back, and the others may take it again', () => {
  const switches = new PublicationSwitches();
  const [first, second] = [Symbol('first'), Symbol('second')];
  const requests: boolean[] = [];
  const publication = { setSubscribed: (subscribed: boolean) => void requests.push(subscribed) };
  switches.subscribe(publication, first);
  switches.subscribe(publication, second);
  switches.unsubscribe(publication, first);
  switches.unsubscribe(publication, first);
  expect(requests).toEqual([true, true]);
  expect(switches.wasGivenBackByOther(publication, first)).toBe(false);
  switches.leave(second);
  expect(requests).toEqual([true, true, false]);
  expect(switches.wasGivenBackByOther(publication, first)).toBe(true);
  expect(switches.wasGivenBackByOther(publication, second)).toBe(false);
  switches.subscribe(publication, first);
  expect(switches.wasGivenBackByOther(publication, first)).toBe(false);
  // A source that asks twice gives back once.
  switches.subscribe(publication, first);
  switches.unsubscribe(publication, first);
  expect(requests.slice(3)).toEqual([true, true, false]);
  expect(switches.wasGivenBackByOther(publication, first)).toBe(false);
});

test('a source that leaves gives back all of its subscriptions, and none of others', () => {
  const switches = new PublicationSwitches();
  const [own, other] = [Symbol('own'), Symbol('other')];
  const gone: string[] = [];
  const publication = (name: string) => ({
    setSubscribed: (subscribed: boolean) => void (subscribed || gone.push(name)),
  });
  const [first, second, foreign] = [publication('first'), publication('second'), publication('x')];
  switches.subscribe(first, own);
  switches.subscribe(second, own);
  switches.subscribe(foreign, other);
  switches.leave(own);
  expect(gone).toEqual(['first', 'second']);
});
