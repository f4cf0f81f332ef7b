import {
  type BenchResult,
  FRAME_CONTESTANTS,
  FRAME_SIZES,
  type FrameResults,
  type FrameSize,
} from '../result.ts';
import { fixed, ratio, table, times } from './markdown.ts';

const SIZES = Object.keys(FRAME_SIZES) as FrameSize[];

export function framesSection({ frames, ledger }: BenchResult): string[] {
  if (!frames) return [];
  return [
    '## One frame → one picture',
    'A camera frame (I420) becomes a JPEG of quality 75 inside 1024x1024, as a model gets it.',
    ratios(frames),
    [
      '*Python* is `livekit.agents.utils.images.encode` with the options of its Google plugin.',
      '*Framework* is what `@livekit/agents` does with a frame in a chat context: a PNG of its full',
      'size. *Limit* is `tools/bench/limit.c`: libjpeg-turbo on planes that the same cubic filter scaled, in',
      'one thread, with no JavaScript and no conversion to RGB. Less is hardly possible.',
    ].join('\n'),
    '### Figures of this run',
    figures(frames),
    [
      '- *wall*: from the call to the picture; *CPU*: of all threads together.',
      '- *blocked*: the longest time in which nothing else (audio, timers, events) ran on the thread of',
      '  the caller. In Node it is the longest gap of a 1 ms timer, so 1 means not blocked. Python and C',
      '  block their caller from beginning to end.',
      '- *likeness*: peak signal-to-noise ratio against the frame, scaled by a filter that no contestant',
      '  uses. The framework does not scale.',
      '- *memory*: the maximum that all encodes together added to the process.',
    ].join('\n'),
    ...(ledger
      ? [
          `Of ${ledger.counts.received} frames that arrived, ` +
            `${ledger.counts.replaced} were replaced by newer ones and ${ledger.counts.sampled} ` +
            `were used; the sums ${ledger.sumsHold ? 'held at every frame' : '**did not hold**'}.`,
        ]
      : []),
  ];
}

function ratios(frames: FrameResults): string {
  const compare = (
    what: string,
    value: (size: FrameResults[FrameSize]) => number | null,
  ): (string | null)[] => [what, ...SIZES.map((size) => times(value(frames[size])))];
  return table(
    ['', ...SIZES],
    [
      compare('Python takes … as long as sightline', ({ python, sightline }) =>
        ratio(python?.wallMs, sightline?.wallMs),
      ),
      compare('Python uses … the CPU of sightline', ({ python, sightline }) =>
        ratio(python?.cpuMs, sightline?.cpuMs),
      ),
      compare('the framework takes … as long as sightline', ({ framework, sightline }) =>
        ratio(framework?.wallMs, sightline?.wallMs),
      ),
      compare('sightline takes … as long as the limit', ({ sightline, limit }) =>
        ratio(sightline?.wallMs, limit?.wallMs),
      ),
      compare('Python blocks its thread … as long', ({ python, sightline }) =>
        ratio(python?.blockedMs, sightline?.blockedMs),
      ),
      compare('the picture of Python has … the bytes', ({ python, sightline }) =>
        ratio(python?.bytes, sightline?.bytes),
      ),
      compare('the picture of the framework has … the bytes', ({ framework, sightline }) =>
        ratio(framework?.bytes, sightline?.bytes),
      ),
    ],
  );
}

function figures(frames: FrameResults): string {
  const rows = SIZES.flatMap((size) =>
    FRAME_CONTESTANTS.map((name) => {
      const one = frames[size][name];
      return [
        `${size}, ${name}`,
        fixed(one?.wallMs, 1),
        fixed(one?.cpuMs, 1),
        fixed(one?.blockedMs, 1),
        fixed(one && one.bytes / 1024, 0),
        fixed(one?.psnrDb, 1),
        fixed(one?.peakMb, 0),
      ];
    }),
  );
  return table(
    ['medians', 'wall, ms', 'CPU, ms', 'blocked, ms', 'size, KB', 'likeness, dB', 'memory, MB'],
    rows,
  );
}
