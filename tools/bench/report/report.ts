import type { BenchResult } from '../result.ts';
import { framesSection } from './frames-section.ts';
import { replacementsSection, slowConsumerSection } from './leaks-section.ts';
import { streamsSection } from './streams-section.ts';
import { targetsSection } from './targets.ts';
import { watchSection } from './watch-section.ts';

/** All that was measured, as Markdown: for the terminal and for `docs/performance.md`. */
export function report(result: BenchResult): string {
  return [
    '# Performance',
    [
      'Made by `npm run bench -- --docs`; `npm run bench -- --help` has the options. All contestants ran',
      'in one run, in turn. Times depend on the machine and on what else it does, ratios much less: so',
      'they come first, and no time here is a promise.',
    ].join('\n'),
    ...framesSection(result),
    ...streamsSection(result),
    ...slowConsumerSection(result),
    ...replacementsSection(result),
    ...watchSection(result),
    ...targetsSection(result),
    '## This run',
    machine(result),
  ].join('\n\n');
}

function machine({ machine: { cpus, cpu, node, date, load, versions } }: BenchResult): string {
  const compared = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${date}, ${cpus} processors (${cpu}), Node ${node}`,
    `- load at the beginning: ${load}${load > cpus / 2 ? ', which is not a quiet machine' : ''}`,
    `- ${compared.join(', ')}`,
  ].join('\n');
}
