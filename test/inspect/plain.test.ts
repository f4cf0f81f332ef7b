import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plain, revive } from '../../src/inspect/plain.ts';

describe('plain', () => {
  test('a plain copy contains no secrets, no instructions and no pixels', () => {
    const shown = plain({
      apiKey: 'AIza-1',
      nested: [{ Authorization: 'Bearer 2', token: { jwt: '3' }, clientSecret: '4' }],
      instructions: 'Be nice',
      systemInstructions: 'Be nice',
      frame: new Uint8Array(10),
      picture: 'data:image/jpeg;base64,AAAA',
      keepPictures: 1,
      monkeys: 5,
    });
    expect(shown).toEqual({
      apiKey: '[redacted]',
      nested: [{ Authorization: '[redacted]', token: '[redacted]', clientSecret: '[redacted]' }],
      frame: '[10 bytes]',
      picture: '[27 characters of a picture or sound]',
      keepPictures: 1,
      monkeys: 5,
    });
  });

  test('a plain copy is made of values that are no JSON', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const throwing = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(plain([cycle, throwing, 12n, Number.NaN, undefined, Symbol('s'), new Map()])).toEqual([
      { self: '[cycle]' },
      { a: '[unreadable]' },
      '12n',
      'NaN',
      null,
      'Symbol(s)',
      '[Map of 0]',
    ]);
  });

  test('a number is secret by its name, and a text that is a key is secret as a name too', () => {
    const key = 'sk-proj-Planted0123456789abcdefghijklmnop';
    expect(plain({ pin: 1234, access_token: 5, tokens: 6, [key]: 7, password: 8n })).toEqual({
      ...{ pin: '[redacted]', access_token: '[redacted]', tokens: 6, '[redacted]': 7 },
      password: '[redacted]',
    });
  });

  test('a property named __proto__ does not change the copy', () => {
    const copy = plain(JSON.parse('{"__proto__":{"polluted":true},"a":1}'));
    expect(copy).toEqual({ a: 1 });
    expect(Reflect.get(copy as object, 'polluted')).toBeUndefined();
  });

  test('a secret across the end of a long text leaves no part of itself', () => {
    const key = `sk-proj-${'aB3dE5gH7jK9mN1p'.repeat(4)}`;
    const shown = String(plain(`${'x '.repeat(4990)}${key} after`));
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain('sk-proj');
    const cut = String(plain(`${'x '.repeat(4995)}${key}`));
    expect(cut).not.toContain('sk-');
  });

  test('a plain copy is limited in depth, breadth and length', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 10_000; level++) deep = { deep };
    expect(JSON.stringify(plain(deep))).toContain('[too deep]');
    expect(JSON.stringify(plain(deep)).length).toBeLessThan(200);
    expect(plain(Array(5000).fill(0))).toHaveLength(1000);
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`n${n}`, n]));
    expect(Object.keys(plain(wide) as object)).toHaveLength(1000);
    expect(String(plain('x'.repeat(50_000))).length).toBeLessThan(10_010);
  });

  test('a plain copy of an error has its name and message', () => {
    const back = revive(JSON.parse(JSON.stringify(plain({ error: new TypeError('why') }))));
    expect((back as { error: unknown }).error).toBeInstanceOf(Error);
    expect(back).toMatchObject({ error: { name: 'TypeError', message: 'why' } });
    const secret = 'Bearer abcdefghijklmnop0123456789';
    expect(JSON.stringify(plain(new Error(`refused: ${secret}`)))).not.toContain(secret);
  });

  test('a plain copy of a plain copy is the same for any value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withTypedArray: true }),
        (value) => {
          const once = plain(value);
          expect(plain(once)).toEqual(once);
          if (once !== undefined) expect(JSON.parse(JSON.stringify(once))).toEqual(once);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
