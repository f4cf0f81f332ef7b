import { describe, expect, test } from 'vitest';

// The page is JavaScript of a browser, which has no types here.
const FILE: string = '../../src/inspect/page/values.js';
const { activePaths, allIds, brief, clock, definitionOf, leaves, many, statesOf, words } =
  await import(FILE);

const LAMP = { id: 'lamp', states: { on: { states: { dim: {}, full: {} } }, off: {} } };

describe('the values on the page of the inspector', () => {
  test('a definition is read from its JSON once, and a text that is none is no definition', () => {
    const json = JSON.stringify(LAMP);
    expect(definitionOf(json)).toEqual(LAMP);
    expect(definitionOf(json)).toBe(definitionOf(json));
    for (const none of [undefined, 'https://example.org', '1', 'null', '"lamp"'])
      expect(definitionOf(none)).toBeNull();
  });

  test('the cache of definitions is emptied when it is full', () => {
    const json = JSON.stringify({ id: 'kept' });
    const before = definitionOf(json);
    definitionOf('{}');
    expect(definitionOf(json)).toBe(before);
    for (let number = 0; number < 64; number++) definitionOf(JSON.stringify({ number }));
    expect(definitionOf(json)).toEqual(before);
    expect(definitionOf(json)).not.toBe(before);
  });

  test('the states of a definition are its objects, with ids of dotted paths', () => {
    expect(statesOf(LAMP).map(([name]: [string]) => name)).toEqual(['on', 'off']);
    expect(statesOf({ states: { on: 'x', off: null } })).toEqual([]);
    expect([statesOf({}), statesOf({ states: 'x' }), statesOf({ states: null })]).toEqual([
      [],
      [],
      [],
    ]);
    expect(allIds(LAMP, 'lamp')).toEqual([
      'lamp',
      'lamp.on',
      'lamp.on.dim',
      'lamp.on.full',
      'lamp.off',
    ]);
  });

  test('the active states include the outer ones, and the leaves do not', () => {
    const value = { open: { live: 'sampling', muted: {} }, closing: 'no' };
    expect(activePaths(value)).toEqual([
      'open',
      'open.live',
      'open.live.sampling',
      'open.muted',
      'closing',
      'closing.no',
    ]);
    expect(leaves(value)).toEqual(['open.live.sampling', 'open.muted', 'closing.no']);
    expect(leaves('on')).toEqual(['on']);
    expect(leaves({ on: 'dim', onwards: {} })).toEqual(['on.dim', 'onwards']);
    for (const none of [undefined, null, 3]) expect(activePaths(none)).toEqual([]);
  });

  test('a brief text has 120 characters at most, and JSON for a value', () => {
    expect(brief('x'.repeat(120))).toBe('x'.repeat(120));
    expect(brief('x'.repeat(121))).toBe(`${'x'.repeat(119)}…`);
    expect(brief('abcdef', 4)).toBe('abc…');
    expect(brief({ a: 1 })).toBe('{"a":1}');
    expect(brief(undefined)).toBe('–');
  });

  test('the page writes names, times and counts for people', () => {
    expect(words('encodeMs')).toBe('encode ms');
    expect(words('p95EncodeMs')).toBe('p95 encode ms');
    expect([0, 61_234, 3_599_999, 3_600_000, 37_230_007, -5, 999.9].map(clock)).toEqual([
      '00:00.000',
      '01:01.234',
      '59:59.999',
      '1:00:00.000',
      '10:20:30.007',
      '00:00.000',
      '00:00.999',
    ]);
    expect([many(0, 'event'), many(1, 'event'), many(1234, 'event')]).toEqual([
      '0 events',
      '1 event',
      '1,234 events',
    ]);
  });
});
