import type { FrameCounts } from '../../src/frames/frame-ledger.ts';

/** The sizes of the encoded frames. */
export const FRAME_SIZES = {
  '720p': { width: 1280, height: 720 },
  '1080p': { width: 1920, height: 1080 },
} as const;
export type FrameSize = keyof typeof FRAME_SIZES;

/** The encoders that are compared. */
export const FRAME_CONTESTANTS = ['sightline', 'framework', 'python', 'limit'] as const;
export type FrameContestant = (typeof FRAME_CONTESTANTS)[number];

/** Medians of one frame → one picture. */
export interface FrameFigures {
  wallMs: number;
  /** CPU time of all threads. */
  cpuMs: number;
  /** Longest time in which nothing else ran on the thread of the caller. */
  blockedMs: number;
  /** Of the picture. */
  bytes: number;
  /** Most memory during all encodes, above what was in use before the first one. */
  peakMb: number | null;
  /** Likeness to the frame, scaled without loss; `null` if the picture has another size. */
  psnrDb: number | null;
}

export type FrameResults = Record<FrameSize, Record<FrameContestant, FrameFigures | null>>;

/** The counts of one session's frames, and independent counts of the bench. */
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
  /** The same of its main thread alone; `null` if the system does not provide it. */
  mainThreadPerStreamSecond: number | null;
  /** Share of the time in which the event loop was busy. */
  loopBusy: number;
  /** Frames of a stream that arrived in a second. */
  fps: number;
  /** Pictures of a stream that were encoded in a second. */
  picturesPerSecond: number;
  /** From the resume of a paused video until its first frame: median and maximum, in ms. */
  wakeMs: { p50: number; max: number } | null;
}

/** `hideFaces` of the examples, on 720p photographs: medians, in ms. */
export interface FaceFigures {
  frames: number;
  /** From a frame to its result. */
  wallMs: number;
  /** Longest time in which nothing else ran on the main thread. */
  blockedMs: number;
  /** The same in as much time without work. */
  idleMs: number;
}

/** A consumer that takes 500 ms for each frame. */
export interface SlowConsumerFigures {
  seconds: number;
  /** Most memory above what was in use at the beginning, garbage included. */
  growthMb: number;
  /** The same at the end, with the stream still open, after a garbage collection. */
  keptMb: number;
  /** Age of the frames when they were taken: median, maximum and last, in ms. */
  waitedMs: { p50: number; max: number; last: number };
  /** The most frames that had arrived after the one that was taken. */
  framesLate: number;
}

/** A stream that is reopened repeatedly while JavaScript is busy. */
export interface ReplacementFigures {
  reopens: number;
  busyMs: number;
  /** Memory after the last close and a garbage collection, above what was in use at first. */
  growthMb: number;
  descriptors: { before: number; after: number } | null;
  /** Listeners of the native engine's events. */
  listeners: { before: number; after: number };
}

/** Events in a generated video, and the acts of a watch. */
export interface WatchFigures {
  events: number;
  /** Events with an act. */
  acted: number;
  missed: number;
  /** Acts without an event, and repeated ones. */
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

/** The pictures of each sampler in the same generated minutes. */
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

/** The text of some screens, as a reader got it from the pictures of a model. */
export interface ReadingFigures {
  /** Characters on the screens, without spaces. */
  characters: number;
  /** Those that were read, less the mistakes. */
  read: number;
  bytes: number;
  tokens: number;
}

/** Screens of one size. */
export interface ScreenFigures {
  /** Pictures as in Python's framework. */
  python: ReadingFigures;
  /** The pictures of turns. */
  profile: ReadingFigures;
  /** The same, and the regions that the reader asked for. */
  regions: ReadingFigures;
  /** Overviews and their tiles; one picture if it needs no scaling. */
  tiles: ReadingFigures;
  /** The screens without scaling. */
  native: { tokens: number };
}

/** By the height of the screens, in pixels. */
export type ScreenResults = Record<string, ScreenFigures>;

/** The text of some screens, as a reader got it from frames of a browser's share. */
export interface SharedText {
  /** Characters on the screens, without spaces. */
  characters: number;
  /** Those that were read, less the mistakes. */
  read: number;
  /** The smallest width of the frames, in pixels. */
  width: number;
}

/** A new screen, soon after it is shown and some seconds later. */
export interface ShareFigures {
  soon: SharedText;
  later: SharedText;
}

/** By the height of the screens, in pixels. */
export type ShareResults = Record<
  string,
  {
    /** The reader's own result, from the screens themselves. */
    perfect: Omit<SharedText, 'width'>;
    /** By the name of the frontend's options. */
    settings: Record<string, ShareFigures>;
  }
>;

export type Readers<Figures> = { sightline: Figures; videostream: Figures };

export interface BenchResult {
  frames?: FrameResults;
  ledger?: LedgerCheck;
  streams?: StreamFigures[] | null;
  processors?: StreamFigures[] | null;
  faces?: FaceFigures;
  slowConsumer?: Readers<SlowConsumerFigures> | null;
  replacements?: Readers<ReplacementFigures> | null;
  watch?: WatchFigures;
  cost?: CostFigures;
  screen?: ScreenResults;
  share?: ShareResults | null;
  machine: {
    cpus: number;
    /** Their model. */
    cpu: string;
    node: string;
    date: string;
    /** Average load when the run began. Above the number of processors, times mean little. */
    load: number;
    /** Versions of the compared software. */
    versions: Record<string, string>;
  };
}
