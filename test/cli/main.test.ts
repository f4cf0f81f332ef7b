import { expect, test } from 'vitest';
import { runProgram } from '../support/processes/program.ts';

test.each([
  ['no argument', []],
  ['--help', ['--help']],
])('the command sightline with %s prints its commands', async (_, args) => {
  const { output, errors, exitCode } = await runProgram('cli/main.ts', args);
  expect(output).toMatch(/^npx sightline COMMAND\n {2}inspect /);
  expect({ errors, exitCode }).toEqual({ errors: '', exitCode: undefined });
});

test('a command gets the arguments after its name', async () => {
  const { output } = await runProgram('cli/main.ts', ['inspect', '--help']);
  expect(output).toContain('npx sightline inspect [FILE...]');
  const {
    output: none,
    errors,
    exitCode,
  } = await runProgram('cli/main.ts', ['inspect', '--port=x']);
  expect({ none, errors, exitCode }).toEqual({
    none: '',
    errors: '--port x: use a number from 0 to 65535',
    exitCode: 1,
  });
});

test.each(['look', 'toString'])('the unknown command %s fails with the commands', async (name) => {
  const { errors, exitCode } = await runProgram('cli/main.ts', [name]);
  expect(errors).toMatch(new RegExp(`^"${name}" is not a command\nnpx sightline COMMAND\n`));
  expect(exitCode).toBe(1);
});
