import type { BenchResult } from '../result.ts';
import { fixed, table } from './markdown.ts';

export function watchSection({ watch }: BenchResult): string[] {
  if (!watch) return [];
  return [
    '## A watch',
    `A generated video of ${watch.events} events and ${fixed(watch.quietMinutes, 0)} minutes of quiet ` +
      '(noise, slow changes of light, small moving things), in simulated time:',
    table(
      ['', 'acted', 'missed', 'false', 'precision', 'recall', 'looks'],
      [
        [
          'sightline',
          watch.acted,
          watch.missed,
          watch.falseActs,
          fixed(watch.precision, 2),
          fixed(watch.recall, 2),
          watch.looks,
        ],
      ],
    ),
  ];
}
