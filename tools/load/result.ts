import type { LoadOptions } from './options.ts';

export interface LoadResult {
  readonly options: Omit<LoadOptions, 'json'>;
  /** The load by other processes before the measurement: processes that wanted to run. */
  readonly machine: { readonly cores: number; readonly loadAverage: number };
  /** Jobs in each worker: the distribution of the rooms. */
  readonly jobs: readonly number[];
  /** From the join of a user to an agent that listens, in seconds: median and maximum. */
  readonly agentAfterSeconds: { readonly median: number; readonly most: number };
  /** Cores, 1 being one of them. */
  readonly cpu: {
    readonly workers: number;
    readonly aRoom: number;
    /** `null` for a server that was not started here. */
    readonly server: number | null;
    readonly cameras: number;
  };
  readonly memoryMb: { readonly idle: number; readonly loaded: number; readonly aRoom: number };
  /** A realtime model gets no questions. */
  readonly questions: {
    readonly asked: number;
    readonly answered: number;
    /** Answers that were given with the room's picture. */
    readonly withPicture: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
  };
  /** Frames a second of each camera, and the rate that it should send. */
  readonly cameraFps: { readonly sent: number; readonly ideal: number };
  /**
   * Pictures that the model got, and the number by the sampler's rate; `null` without streaming.
   */
  readonly streamed: { readonly sent: number; readonly ideal: number } | null;
}
