import type { LoadOptions } from './options.ts';

export interface LoadResult {
  readonly options: Omit<LoadOptions, 'json'>;
  /** How busy others kept it before anything was started here: processes that wanted to run. */
  readonly machine: { readonly cores: number; readonly loadAverage: number };
  /** Jobs in each worker: how the rooms spread. */
  readonly jobs: readonly number[];
  /** From the join of a user to an agent that listens, in seconds, at the median and the most. */
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
  /** Nobody asks a realtime model. */
  readonly questions: {
    readonly asked: number;
    readonly answered: number;
    /** Answers that were given with the room's picture. */
    readonly withPicture: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
  };
  /** Frames of each camera, a second, and what it was to send. */
  readonly cameraFps: { readonly sent: number; readonly ideal: number };
  /** Pictures that the model got, and what the sampler's rate comes to; `null` without streaming. */
  readonly streamed: { readonly sent: number; readonly ideal: number } | null;
}
