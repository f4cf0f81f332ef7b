import { expect, test } from 'vitest';
import { inspectOptions } from '../../src/cli/inspect-options.ts';

test('the command inspect takes files, a port and pixels', () => {
  expect(inspectOptions([])).toEqual({ files: [], port: undefined, pixels: false });
  expect(inspectOptions(['a', '--port', '0', 'b', '--pixels'])).toEqual({
    files: ['a', 'b'],
    port: 0,
    pixels: true,
  });
  expect(inspectOptions(['--port=65535'])).toMatchObject({ port: 65_535 });
  expect(inspectOptions(['a', '--help'])).toBe('help');
});

test('the command inspect refuses a port that is none, and an unknown option', () => {
  for (const port of ['65536', '-1', '1.5', 'x'])
    expect(() => inspectOptions([`--port=${port}`])).toThrow(
      `--port ${port}: use a number from 0 to 65535`,
    );
  expect(() => inspectOptions(['--public'])).toThrow('--public');
});
