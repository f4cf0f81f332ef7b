import fc from 'fast-check';

/** Names that resolve to inherited properties if an object is used as a table. */
export const TABLE_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

/** Any JSON value, often with such a name in it. */
export const anyJson = (): fc.Arbitrary<unknown> => {
  const key = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(...TABLE_NAMES, 'type', 'id'));
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      fc.constantFrom(null, true, 0, -1, 1e308, '', ...TABLE_NAMES),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(key, tie('value')), { maxLength: 5 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  })).value;
};

/** The JSON as it arrives: whole, cut off, or invalid. */
export const anyMessage = (): fc.Arbitrary<string> =>
  fc.oneof(
    anyJson().map((value) => JSON.stringify(value)),
    fc
      .tuple(anyJson(), fc.nat(60))
      .map(([value, length]) => JSON.stringify(value).slice(0, length)),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.nat(20_000).map((depth) => '['.repeat(depth)),
    fc.nat(20_000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  );
