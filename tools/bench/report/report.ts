import type { BenchResult } from '../result.ts';
import { costSection } from './cost-section.ts';
import { framesSection } from './frames-section.ts';
import { replacementsSection, slowConsumerSection } from './leaks-section.ts';
import { processorsSection } from './processors-section.ts';
import { screenSection } from './screen-section.ts';
import { shareSection } from './share-section.ts';
import { streamsSection } from './streams-section.ts';
import { targetsSection } from './targets.ts';
import { watchSection } from './watch-section.ts';

/** All measurements as Markdown, for the terminal and for `docs/performance.md`. */
export function report(result: BenchResult): string {
  return [
    '# Performance',
    [
      'Made by `npm run bench -- --docs`; `npm run bench -- --help` has the options. All contestants ran in',
      'turn in one run. Times depend on the machine and its load. Ratios depend on them much less and',
      'therefore come first. No time here is a promise.',
    ].join('\n'),
    ...framesSection(result),
    ...streamsSection(result),
    ...processorsSection(result),
    ...slowConsumerSection(result),
    ...replacementsSection(result),
    ...watchSection(result),
    ...costSection(result),
    ...screenSection(result),
    ...shareSection(result),
    ...targetsSection(result),
    '## This run',
    machine(result),
  ].join('\n\n');
}

function machine({ machine: { cpus, cpu, node, date, load, versions } }: BenchResult): string {
  const compared = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${date}, ${cpus} processors (${cpu}), Node ${node}`,
    `- load at the beginning: ${load}${load > cpus / 2 ? ', so the machine was busy' : ''}`,
    `- ${compared.join(', ')}`,
  ].join('\n');
}
