import type { FrameCounts } from '../../src/frames/frame-ledger.ts';

/** The sizes of frames that are encoded. */
export const FRAME_SIZES = {
  '720p': { width: 1280, height: 720 },
  '1080p': { width: 1920, height: 1080 },
} as const;
export type FrameSize = keyof typeof FRAME_SIZES;

/** Who makes a picture for a model out of a frame. */
export const FRAME_CONTESTANTS = ['sightline', 'framework', 'python', 'limit'] as const;
export type FrameContestant = (typeof FRAME_CONTESTANTS)[number];

/** Medians of one frame → one picture. */
export interface FrameFigures {
  wallMs: number;
  /** Longest time that nothing else ran on the thread of the caller. */
  blockedMs: number;
  /** Of the picture. */
  bytes: number;
  /** Most memory during all encodes, above what was in use before the first one. */
  peakMb: number | null;
  /** Likeness to the frame, scaled without loss; `null` where the picture has another size. */
  psnrDb: number | null;
}

export type FrameResults = Record<FrameSize, Record<FrameContestant, FrameFigures | null>>;

/** The counts of one session's frames, and those that the bench kept beside. */
export interface LedgerCheck {
  counts: FrameCounts;
  /** `received = replaced + sampled + held` and `sampled = sent + skipped + pending`, at all times. */
  sumsHold: boolean;
}

/** One contestant that watches `count` streams at once: medians over all slices. */
export interface StreamFigures {
  contestant: string;
  count: number;
  /** CPU seconds of its whole process for one second of one stream. */
  cpuPerStreamSecond: number;
  /** The same of its main thread alone; `null` where the system does not tell. */
  mainThreadPerStreamSecond: number | null;
  /** Share of the time that the event loop was busy. */
  loopBusy: number;
  /** Frames of a stream that arrived in a second. */
  fps: number;
  /** Pictures of a stream that were encoded in a second. */
  picturesPerSecond: number;
  /** From switching a paused video on to its first frame: half of them, the slowest; in ms. */
  wakeMs: { p50: number; max: number } | null;
}

/** A consumer that takes 500 ms for each frame. */
export interface SlowConsumerFigures {
  seconds: number;
  /** Most memory above what was in use at the beginning, garbage included. */
  growthMb: number;
  /** The same at the end, with the stream still open and garbage collected. */
  keptMb: number;
  /** How long the frames had waited when they were taken: half, the slowest, the last; in ms. */
  waitedMs: { p50: number; max: number; last: number };
  /** Frames that had come after the one that was taken: the most there were. */
  framesLate: number;
}

/** A stream that is opened anew again and again while JavaScript is busy. */
export interface ReplacementFigures {
  reopens: number;
  busyMs: number;
  /** Memory after the last close and a garbage collection, above what was in use at first. */
  growthMb: number;
  descriptors: { before: number; after: number } | null;
  /** Of the native engine's events. */
  listeners: { before: number; after: number };
}

/** Events in a generated video, and what a watch of it did. */
export interface WatchFigures {
  events: number;
  /** Events that were acted on. */
  acted: number;
  missed: number;
  /** Acts without an event, and second ones. */
  falseActs: number;
  precision: number;
  recall: number;
  /** Simulated minutes in which nothing happened. */
  quietMinutes: number;
  /** Looks that were taken. */
  looks: number;
}

/** Pictures that a sampler took, and their estimated tokens. */
export interface PictureCost {
  pictures: number;
  tokens: number;
}

/** What samplers took of the same generated minutes. */
export interface CostFigures {
  minutes: number;
  changes: number;
  /** Changes that the adaptive sampler did not show in time. */
  missed: number;
  /** The default sampler. */
  sightline: PictureCost;
  adaptive: PictureCost;
  python: PictureCost | null;
}

export type Readers<Figures> = { sightline: Figures; videostream: Figures };

export interface BenchResult {
  frames?: FrameResults;
  ledger?: LedgerCheck;
  streams?: StreamFigures[] | null;
  slowConsumer?: Readers<SlowConsumerFigures> | null;
  replacements?: Readers<ReplacementFigures> | null;
  watch?: WatchFigures;
  cost?: CostFigures;
  machine: {
    cpus: number;
    /** Their model. */
    cpu: string;
    node: string;
    date: string;
    /** Average load when the run began: above the number of processors, times mean little. */
    load: number;
    /** Versions of what is compared. */
    versions: Record<string, string>;
  };
}
