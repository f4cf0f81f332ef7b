// npm run mutate                     changes each machine in each place, and checks whether a test
//                                    detects it
// npm run mutate -- --only NAME      one machine: source, avatar (can be repeated)
// npm run mutate -- --json FILE      writes the results
// npm run mutate -- --match TEXT     only mutants with this text in their name (can be repeated)
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { StateMachine } from 'xstate';
import * as machines from '../../src/machines/index.ts';
import { testsOf } from './concerned-tests.ts';
import { copyOf } from './config.ts';
import { equivalent } from './equivalent.ts';
import { mutantsOf } from './mutants.ts';
import { judge, type Score, scoreOf, summaryOf } from './score.ts';
import { Tester } from './tester.ts';

/** Below this share, the run fails. */
const WANTED_SHARE = 0.95;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    match: { type: 'string', multiple: true },
  },
});

const fileNameOf = (id: string) => id.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const wanted = Object.values(machines)
  .filter((value) => value instanceof StateMachine)
  .map(({ id, config }) => ({ id, name: fileNameOf(id), config }))
  .filter(({ id, name }) => options.only?.some((o) => o === id || o === name) ?? true);
if (wanted.length === 0) throw new Error(`there is no machine ${options.only?.join(', ')}`);

const tester = new Tester();
const scores: Score[] = [];
try {
  for (const { id, name, config } of wanted) {
    const mutants = mutantsOf(copyOf(config) as Record<string, unknown>).map((m) => m.name);
    const chosen = mutants.filter(
      (mutant) => options.match?.some((text) => mutant.includes(text)) ?? true,
    );
    const started = performance.now();
    const findings = await judge(tester, id, chosen, testsOf(name));
    const score = scoreOf(id, findings, equivalent[id] ?? {});
    // A selection of mutants shows nothing about the others.
    if (options.match) score.stale.length = 0;
    scores.push(score);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${summaryOf(score)} (${seconds} s)`);
    for (const survivor of score.survivors) console.log(`  survived: ${survivor}`);
    for (const stale of score.stale)
      console.log(`  listed in equivalent.ts without need: ${stale}`);
  }
} finally {
  await tester.close();
}

const killed = scores.reduce((sum, score) => sum + score.killed, 0);
const total = scores.reduce((sum, score) => sum + score.killed + score.survivors.length, 0);
const share = total === 0 ? 1 : killed / total;
console.log(`mutate: ${killed} of ${total} detected, ${(share * 100).toFixed(1)} %`);
if (options.json) writeFileSync(options.json, `${JSON.stringify({ share, scores }, null, 2)}\n`);
if (share < WANTED_SHARE || scores.some(({ stale }) => stale.length > 0)) process.exitCode = 1;
