import type { BenchResult, StreamFigures } from '../result.ts';
import { fixed, ratio, table, times } from './markdown.ts';

export function streamsSection({ streams }: BenchResult): string[] {
  if (!streams) return [];
  return [
    '## Streams',
    [
      'Each agent watches a 720p stream of 30 frames a second (VP8, through a real LiveKit server), in a',
      'process of its own, as a worker runs its jobs:',
    ].join('\n'),
    ratios(streams),
    [
      '*Speaking* is one picture a second, *idle* is one in 3 seconds. *VideoStream* is a plain loop over',
      "rtc-node's `VideoStream` with sightline's own encoder; *Python* is the loop of the Python",
      'framework with its encoder. When idle, the server pauses the video between two pictures of',
      'sightline. *Main thread* is the thread that runs JavaScript, which audio needs as well.',
    ].join('\n'),
    '### Figures of this run',
    figures(streams),
    [
      '- *CPU* and *main thread*: seconds of CPU time for a second of one stream, medians.',
      '- *loop busy*: share of the time in which the event loop of one process did not wait. On a busy',
      '  machine it contains the time in which the thread waited for a processor.',
      '- *frames*: read of each stream, per second; *pictures*: encoded in each stream, per second.',
      '- *first frame*: from the resume of a paused video until its first frame: median, maximum.',
      '- `subscribed` receives and decodes, but reads no frame: no reader can take less.',
    ].join('\n'),
  ];
}

/** The figures of one contestant at this count. */
export function streamFigures(
  streams: readonly StreamFigures[],
  contestant: string,
  count: number,
): StreamFigures | undefined {
  return streams.find((one) => one.contestant === contestant && one.count === count);
}

function ratios(streams: readonly StreamFigures[]): string {
  const counts = [...new Set(streams.map(({ count }) => count))];
  const compare = (
    what: string,
    mine: string,
    other: string,
    figure: 'cpuPerStreamSecond' | 'mainThreadPerStreamSecond',
  ): (string | null)[] => [
    what,
    ...counts.map((count) =>
      times(
        ratio(
          streamFigures(streams, mine, count)?.[figure],
          streamFigures(streams, other, count)?.[figure],
        ),
      ),
    ),
  ];
  return table(
    ['sightline takes', ...counts.map((count) => `${count} ${count === 1 ? 'stream' : 'streams'}`)],
    [
      compare(
        'speaking: … the CPU of VideoStream',
        'sightline',
        'videostream',
        'cpuPerStreamSecond',
      ),
      compare('speaking: … the CPU of Python', 'sightline', 'python', 'cpuPerStreamSecond'),
      compare('idle: … the CPU of Python', 'sightline-idle', 'python-idle', 'cpuPerStreamSecond'),
      compare('kept: … the CPU of Python', 'sightline-kept', 'python-idle', 'cpuPerStreamSecond'),
      compare(
        'speaking: … the main thread of VideoStream',
        'sightline',
        'videostream',
        'mainThreadPerStreamSecond',
      ),
      compare(
        'speaking: … the main thread of Python',
        'sightline',
        'python',
        'mainThreadPerStreamSecond',
      ),
    ],
  );
}

function figures(streams: readonly StreamFigures[]): string {
  return table(
    ['', 'CPU', 'main thread', 'loop busy', 'frames', 'pictures', 'first frame, ms'],
    streams.map((one) => [
      `${one.count} ${one.contestant}`,
      fixed(one.cpuPerStreamSecond, 3),
      fixed(one.mainThreadPerStreamSecond, 4),
      fixed(one.loopBusy, 3),
      one.contestant === 'subscribed' ? null : fixed(one.fps, 1),
      one.contestant === 'subscribed' ? null : fixed(one.picturesPerSecond, 2),
      one.wakeMs && `${one.wakeMs.p50}, ${one.wakeMs.max}`,
    ]),
  );
}
