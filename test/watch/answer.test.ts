import { expect, test } from 'vitest';
import { z } from 'zod';
import { wantedAnswer } from '../../src/watch/answer.ts';

test('a zod schema is shown to the model as JSON schema, and its answer is checked and converted', () => {
  const wanted = wantedAnswer(z.object({ open: z.boolean(), count: z.number().default(1) }));
  expect(wanted.shown).toMatchObject({ type: 'object', properties: { open: { type: 'boolean' } } });
  expect(wanted.shown).not.toHaveProperty('$schema');
  expect(wanted.take({ open: true })).toEqual({ open: true, count: 1 });
});

test('a schema that cannot be shown still checks the answer', () => {
  const wanted = wantedAnswer({ safeParse: (value) => ({ success: true, data: value }) });
  expect(wanted.shown).toBeUndefined();
  expect(wanted.take(5)).toBe(5);
});

test('an answer that does not match is an error with at most 80 characters of it', () => {
  const wanted = wantedAnswer({ type: 'boolean' });
  expect(wanted.take(false)).toBe(false);
  expect(() => wanted.take('x'.repeat(100))).toThrow(`(${'x'.repeat(80)})`);
  expect(() => wanted.take({ open: 1 })).toThrow('({"open":1})');
  expect(() => wanted.take(undefined)).toThrow('(nothing)');
});

test('a JSON schema without a rule is an error that names the option', () => {
  expect(() => wantedAnswer({})).toThrow('decide.answer');
  expect(() => wantedAnswer({ description: 'anything' })).toThrow('decide.answer');
});
