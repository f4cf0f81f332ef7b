import type { BenchResult } from '../result.ts';
import { fixed, table } from './markdown.ts';

export function slowConsumerSection({ slowConsumer }: BenchResult): string[] {
  if (!slowConsumer) return [];
  const { sightline, videostream } = slowConsumer;
  return [
    '## A slow consumer',
    `The consumer takes 500 ms for each frame, for ${sightline.seconds} s:`,
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
      '- *memory*: the maximum in use above the beginning, with copies of frames that were used',
      '  and not collected yet; *kept*: without garbage. `VideoStream` keeps every frame until it is',
      '  read, so this grows as long as the consumer is slow.',
      '- *waited*: age of a frame when it was taken, without its time in the network.',
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
    `A stream is opened and closed ${sightline.reopens} times, as if a user switched between camera ` +
      `and screen. JavaScript is busy for ${sightline.busyMs} ms each time:`,
    table(
      ['', 'memory, MB', 'descriptors', 'listeners'],
      Object.entries({ sightline, videostream }).map(([name, one]) => [
        name,
        fixed(one.growthMb, 0),
        change(one.descriptors),
        change(one.listeners),
      ]),
    ),
    'What is left afterwards, without garbage. Each `videostream` is cancelled through its reader.',
  ];
}
