import { rounded } from '../../../src/testing/measure/stats.ts';
import {
  type BenchResult,
  FRAME_SIZES,
  type FrameSize,
  type Readers,
  type ReplacementFigures,
  type ScreenResults,
  type SlowConsumerFigures,
  type WatchFigures,
} from '../result.ts';
import { ratio, table } from './markdown.ts';
import { maskedFrameMs } from './processors-section.ts';
import { shareOfNative } from './screen-section.ts';
import { streamFigures } from './streams-section.ts';

/** The targets of the figures. */
interface Target {
  what: string;
  value: number | null;
  /** `value` must be at least, or at most, this. */
  atLeast?: number;
  atMost?: number;
}

export function targetsSection(result: BenchResult): string[] {
  const targets = [
    ...frameTargets(result),
    ...streamTargets(result),
    ...processorTargets(result),
    ...(result.slowConsumer ? slowTargets(result.slowConsumer) : []),
    ...(result.replacements ? replacementTargets(result.replacements) : []),
    ...(result.watch ? watchTargets(result.watch) : []),
    ...(result.screen ? screenTargets(result.screen) : []),
  ];
  if (targets.length === 0) return [];
  const rows = targets.map((target) => [
    target.what,
    target.atLeast === undefined ? `at most ${target.atMost}` : `at least ${target.atLeast}`,
    target.value === null ? null : Number(target.value.toFixed(2)),
    verdict(target),
  ]);
  return ['## Targets', table(['', 'target', 'this run', ''], rows)];
}

function verdict({ value, atLeast = -Infinity, atMost = Infinity }: Target): string {
  if (value === null) return 'not measured';
  return value >= atLeast && value <= atMost ? 'reached' : 'missed';
}

function frameTargets({ frames }: BenchResult): Target[] {
  if (!frames) return [];
  const asFast: Record<FrameSize, number> = { '720p': 3, '1080p': 4 };
  return (Object.keys(FRAME_SIZES) as FrameSize[]).flatMap((size): Target[] => {
    const { sightline, python, limit } = frames[size];
    const likeness =
      typeof sightline?.psnrDb === 'number' && typeof python?.psnrDb === 'number'
        ? sightline.psnrDb - python.psnrDb
        : null;
    return [
      {
        what: `${size}: time of Python ÷ sightline`,
        value: ratio(python?.wallMs, sightline?.wallMs),
        atLeast: asFast[size],
      },
      {
        what: `${size}: CPU of Python ÷ sightline`,
        value: ratio(python?.cpuMs, sightline?.cpuMs),
        atLeast: 2,
      },
      {
        what: `${size}: time of sightline ÷ limit`,
        value: ratio(sightline?.wallMs, limit?.wallMs),
        atMost: 4,
      },
      { what: `${size}: blocked, ms`, value: sightline?.blockedMs ?? null, atMost: 2.5 },
      {
        what: `${size}: bytes of sightline ÷ Python`,
        value: ratio(sightline?.bytes, python?.bytes),
        atMost: 1.1,
      },
      // Too small to be visible.
      { what: `${size}: likeness above Python's, dB`, value: likeness, atLeast: -0.05 },
    ];
  });
}

function streamTargets({ streams }: BenchResult): Target[] {
  if (!streams) return [];
  return [1, 8].flatMap((count): Target[] => {
    const of = (contestant: string) => streamFigures(streams, contestant, count);
    const [mine, idle] = [of('sightline'), of('sightline-idle')];
    const [plain, python] = [of('videostream'), of('python-idle')];
    return [
      {
        what: `${count}: CPU, speaking ÷ VideoStream`,
        value: ratio(mine?.cpuPerStreamSecond, plain?.cpuPerStreamSecond),
        atMost: 0.8,
      },
      {
        what: `${count}: loop busy, speaking ÷ VideoStream`,
        value: ratio(mine?.loopBusy, plain?.loopBusy),
        atMost: 0.33,
      },
      {
        what: `${count}: CPU, idle ÷ Python`,
        value: ratio(idle?.cpuPerStreamSecond, python?.cpuPerStreamSecond),
        atMost: 0.3,
      },
    ];
  });
}

function processorTargets({ processors, faces }: BenchResult): Target[] {
  if (!processors) return [];
  return [
    {
      what: 'processors: event loop blocked by hideFaces, ms above idle',
      value: faces ? rounded(faces.blockedMs - faces.idleMs, 1) : null,
      atMost: 5,
    },
    {
      what: 'processors: main thread of one masked frame, ms',
      value: maskedFrameMs(processors),
      atMost: 5,
    },
    {
      what: 'processors: CPU of sightline ÷ a callback for each frame in Python',
      value: ratio(
        streamFigures(processors, 'sightline-masked', 1)?.cpuPerStreamSecond,
        streamFigures(processors, 'python-masked', 1)?.cpuPerStreamSecond,
      ),
      atMost: 1,
    },
  ];
}

function slowTargets({ sightline }: Readers<SlowConsumerFigures>): Target[] {
  return [
    { what: 'slow consumer: memory, MB', value: sightline.growthMb, atMost: 50 },
    { what: 'slow consumer: frames late', value: sightline.framesLate, atMost: 1 },
  ];
}

function replacementTargets({ sightline }: Readers<ReplacementFigures>): Target[] {
  const { descriptors, listeners } = sightline;
  return [
    { what: 'replacements: memory, MB', value: sightline.growthMb, atMost: 50 },
    {
      what: 'replacements: more descriptors',
      value: descriptors && descriptors.after - descriptors.before,
      atMost: 0,
    },
    { what: 'replacements: more listeners', value: listeners.after - listeners.before, atMost: 0 },
  ];
}

const watchTargets = ({ precision, recall }: WatchFigures): Target[] => [
  { what: 'watch: share of the events that are acted on', value: recall, atLeast: 1 },
  { what: 'watch: share of the acts that have an event', value: precision, atLeast: 1 },
];

function screenTargets({ 1440: figures }: ScreenResults): Target[] {
  if (!figures) return [];
  const { read, characters } = figures.regions;
  return [
    {
      what: 'screen of 1440p: share of the characters read',
      value: read / characters,
      atLeast: 0.95,
    },
    {
      what: 'screen of 1440p: share of the tokens of all pixels',
      value: shareOfNative(figures, 'regions'),
      atMost: 0.5,
    },
  ];
}
