// npm run visualize             writes visualizations/ from the machines
// npm run visualize -- --check  reports which of its files are out of date, and fails if any is
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as machines from '../../src/machines/index.ts';
import { catalogOf } from './catalog.ts';
import { findOverlaps } from './check-layout.ts';
import { defaultsOf } from './default-inputs.ts';
import { type Drawing, drawMachine, filesOf, findDrift, writeFiles } from './generate.ts';
import { layoutChart } from './layout.ts';
import { overviewOf } from './overview.ts';
import { reportsIn } from './reports.ts';

const folder = fileURLToPath(new URL('../../visualizations', import.meta.url));
const shown = relative(process.cwd(), folder) || '.';

const catalog = catalogOf(machines);
const drawings: Drawing[] = [];
for (const entry of catalog) {
  const { id } = entry.machine;
  if (!defaultsOf(id))
    warn(`'${id}' is not in tools/visualize/default-inputs.ts: its delays are shown without times`);
  const drawing = await drawMachine(entry);
  for (const problem of findOverlaps(drawing.layout)) warn(`${id}: ${problem}`);
  drawings.push(drawing);
}
const chart = overviewOf(
  catalog,
  reportsIn(new URL('../../src/machines/index.ts', import.meta.url)),
);
const overview = { chart, layout: await layoutChart(chart) };
for (const problem of findOverlaps(overview.layout)) warn(`overview: ${problem}`);
const files = filesOf(drawings, overview);

if (process.argv.includes('--check')) {
  const drift = findDrift(folder, files);
  for (const name of drift) console.error(`${shown}/${name} is out of date`);
  if (drift.length > 0) {
    console.error('run `npm run visualize` and commit the changes');
    process.exitCode = 1;
  }
} else {
  const changed = writeFiles(folder, files);
  console.log(
    `visualize: ${catalog.length} machines, ${files.size} files in ${shown}, ${changed.length} changed`,
  );
}

function warn(message: string): void {
  console.warn(`visualize: ${message}`);
}
