import type { BenchResult } from '../result.ts';
import { fixed, table } from './markdown.ts';

export function slowConsumerSection({ slowConsumer }: BenchResult): string[] {
  if (!slowConsumer) return [];
  const { sightline, videostream } = slowConsumer;
  return [
    '## A slow consumer',
    `Whoever uses the frames takes 500 ms for each, for ${sightline.seconds} s:`,
    table(
      ['', 'memory, MB', 'kept, MB', 'waited, ms', 'at most', 'at the end', 'frames late'],
      Object.entries({ sightline, videostream }).map(([name, one]) => [
        name,
        fixed(one.growthMb, 0),
        fixed(one.keptMb, 0),
        fixed(one.waitedMs.p50, 0),
        fixed(one.waitedMs.max, 0),
        fixed(one.waitedMs.last, 0),
        one.framesLate,
      ]),
    ),
    [
      '- *memory*: the most that was in use above the beginning, with copies of frames that were used',
      '  and not collected yet; *kept*: without garbage. `VideoStream` keeps every frame until somebody',
      '  reads it, so this grows for as long as the consumer is slow.',
      '- *waited*: how old a frame had become when it was taken, without its way through the network.',
    ].join('\n'),
  ];
}

export function replacementsSection({ replacements }: BenchResult): string[] {
  if (!replacements) return [];
  const { sightline, videostream } = replacements;
  const change = (span: { before: number; after: number } | null) =>
    span && `${span.before} → ${span.after}`;
  return [
    '## Replacements',
    `A stream that is opened and closed ${sightline.reopens} times, with JavaScript busy for ` +
      `${sightline.busyMs} ms each time, as it is when a user switches between camera and screen:`,
    table(
      ['', 'memory, MB', 'descriptors', 'listeners'],
      Object.entries({ sightline, videostream }).map(([name, one]) => [
        name,
        fixed(one.growthMb, 0),
        change(one.descriptors),
        change(one.listeners),
      ]),
    ),
    'What is left afterwards, garbage collected; `videostream` is cancelled by its reader each time.',
  ];
}
