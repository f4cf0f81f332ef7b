import { expect, test } from 'vitest';
import type { WireEvent } from '../../src/inspect/wire.ts';
import { actorMessage } from '../support/inspect.ts';

/** Only the used part: a separate project checks the page's files. */
interface PageHistory {
  add(seq: number, wire: WireEvent, size: number): void;
  readonly lastSeq: number;
  readonly entries: readonly unknown[];
  readonly now: { readonly actors: ReadonlyMap<string, unknown> };
}
const FILE: string = '../../src/inspect/page/history.js';
const { History } = (await import(FILE)) as {
  History: new (limits: { events: number; bytes: number }) => PageHistory;
};

test('the page keeps as many bytes of events as the server, however large each is', () => {
  const history = new History({ events: 20_000, bytes: 1000 });
  for (let seq = 1; seq <= 100; seq++) history.add(seq, actorMessage(`x:${seq}`) as WireEvent, 100);
  expect(history.lastSeq).toBe(100);
  expect(history.entries.length).toBeGreaterThan(1);
  expect(history.entries.length).toBeLessThanOrEqual(10);
  // The actors of dropped events stay.
  expect(history.now.actors.has('x:1')).toBe(true);
});

test('the page keeps a limited number of actors', () => {
  const history = new History({ events: 100, bytes: 1000 });
  for (let seq = 1; seq <= 3000; seq++) history.add(seq, actorMessage(`x:${seq}`) as WireEvent, 10);
  expect(history.now.actors.size).toBe(2000);
  expect(history.now.actors.has('x:3000')).toBe(true);
});
