import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import type { CatalogEntry } from '../../../tools/visualize/catalog.ts';
import {
  drawMachine,
  type Files,
  filesOf,
  findDrift,
  writeFiles,
} from '../../../tools/visualize/generate.ts';
import { sampleMachine } from '../../support/visualize/sample-machine.ts';

const sample: CatalogEntry = {
  name: 'sample',
  exportName: 'sampleMachine',
  path: 'src/machines/sample.machine.ts',
  source: '',
  machine: sampleMachine,
};
const all = ['index.html', 'sample.config.json', 'sample.mmd', 'sample.svg'];
const generate = async (entry: CatalogEntry) => filesOf([await drawMachine(entry)]);

let folder: string;
let files: Files;
beforeAll(async () => {
  files = await generate(sample);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sightline-visualize-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('the comparison finds every file missing in a folder that does not exist', () => {
  expect(findDrift(join(folder, 'none'), files)).toEqual(all);
});

it('the comparison finds nothing after the files were written, and writes nothing twice', async () => {
  expect(writeFiles(folder, files)).toEqual(all);
  const again = await generate(sample);
  expect(findDrift(folder, again)).toEqual([]);
  expect(writeFiles(folder, again)).toEqual([]);
});

it('the comparison finds each file of a machine that changed', async () => {
  writeFiles(folder, files);
  const config = structuredClone(JSON.parse(JSON.stringify(sampleMachine.config)));
  config.states.end.description = 'Over';
  const changed = { ...sample, machine: createMachine(config) };
  expect(findDrift(folder, await generate(changed))).toEqual([
    'index.html',
    'sample.config.json',
    // Without its setup, the delays of a machine have no times.
    'sample.mmd',
    'sample.svg',
  ]);
});

it('the comparison finds a file that was edited by hand, and an obsolete one', () => {
  writeFiles(folder, files);
  writeFileSync(join(folder, 'sample.mmd'), 'stateDiagram-v2\n');
  writeFileSync(join(folder, 'gone.svg'), '<svg/>');
  writeFileSync(join(folder, 'README.md'), 'not ours');
  expect(findDrift(folder, files)).toEqual(['gone.svg', 'sample.mmd']);
  writeFiles(folder, files);
  expect(findDrift(folder, files)).toEqual([]);
});
