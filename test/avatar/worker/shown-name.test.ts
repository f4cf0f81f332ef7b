import { expect, test } from 'vitest';
import { FacePictures } from '../../../src/avatar/worker/face-pictures.ts';
import { resolvedOptions } from '../../../src/avatar/worker/local-avatar-options.ts';
import { leastCpuMs } from '../../support/cpu-time.ts';

const draw = (name: string) => FacePictures.draw({ width: 64, height: 64, name });

test.each([
  ['control characters', 'A\u0000d\u001ba\u007f'],
  ['half of a surrogate pair', 'Ada \ud83d'],
  ['invalid characters', 'Ada\uffff\ufffe'],
  ['XML characters', '<Ada & "Bob">'],
])('a face is drawn with a name that has %s', async (_, name) => {
  await draw(name);
});

test('a name of 3,000 characters is drawn as fast as a short one', async () => {
  await draw('warm');
  const short = await leastCpuMs(() => draw('Ada'));
  expect(await leastCpuMs(() => draw('Ada, countess '.repeat(220)))).toBeLessThan(5 * short);
});

test('an avatar joins with a name that a room accepts: shortened, and on one line', () => {
  const { name } = resolvedOptions({ name: `Ada\n${'x'.repeat(3000)}` });
  expect(name).toMatch(/^Ada x{55}…$/);
  expect(resolvedOptions({ name: ' \tAda\n' }).name).toBe('Ada');
  expect(resolvedOptions({ name: 'Ada 👩‍🚀' }).name).toBe('Ada 👩‍🚀');
});
