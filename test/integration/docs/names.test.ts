import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as defaults from '../../../src/defaults.ts';
import { DOCUMENTS, inRepository, namesIn, textOf } from '../../support/documents.ts';

const filesOf = (folder: string, ending: string) =>
  readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);

const source = filesOf('src', '.ts').map(textOf).join('\n');

/** By the first word of their names. */
const OPTIONS: Readonly<Record<string, object>> = {
  input: { ...defaults.INPUT, budget: {} },
  turn: defaults.TURN,
  realtime: defaults.REALTIME,
  avatarLimits: defaults.AVATAR_LIMITS,
};

/** Whether it is an option of a VideoSession, or an event of it or of a watch. */
function isKnown(name: string): boolean {
  const [group = '', key = ''] = name.split('.');
  return key in (OPTIONS[group] ?? {}) || source.includes(`'${name}'`);
}

/** The first words of options and events; a method has brackets. */
const OPTION_OR_EVENT =
  /^(input|turn|realtime|avatarLimits|pick|source|streamStatus|motion|sample|model|avatar|agent|watch|look|act|scene)\.[a-zA-Z]+(?![a-zA-Z(])/;

test.each(DOCUMENTS)('the options and events in %s exist', (document) => {
  const names = namesIn(textOf(document)).flatMap((name) => OPTION_OR_EVENT.exec(name)?.[0] ?? []);
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
});

const PATH = /^(src|test|tools|offline|examples|docs|visualizations)\/[\w./-]*$/;

test.each(DOCUMENTS)('the files and folders in %s exist', (document) => {
  // NAME stands for any of them.
  const paths = namesIn(textOf(document)).filter(
    (name) => PATH.test(name) && !name.includes('NAME'),
  );
  expect(paths.filter((path) => !existsSync(inRepository(path)))).toEqual([]);
});

test('the README states the right number of machines', () => {
  const words = ['ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen'];
  const count = filesOf('src/machines', '.machine.ts').length;
  const [, counted = ''] = /(\w+) state machines/.exec(textOf('README.md')) ?? [];
  expect(counted.toLowerCase()).toBe(words[count - 10]);
});

test('the first code of the README is the agent in examples/first-agent.ts', () => {
  const [, code = ''] = /```ts\n(.*?)```/s.exec(textOf('README.md')) ?? [];
  const agent = code.slice(code.indexOf('export default'));
  expect(agent).toContain('video.start');
  expect(textOf('examples/first-agent.ts')).toContain(agent);
});
