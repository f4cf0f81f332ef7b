import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { VideoFrame } from '@livekit/rtc-node';
import { OptionError } from '../../errors.ts';
import { TestingError } from '../errors.ts';
import { y4mFrames } from './y4m.ts';

/** Options of a video file. */
export interface VideoFileOptions {
  /** Start again at the end. @defaultValue true */
  readonly loop?: boolean;
  /** Position of the start, in ms. @defaultValue 0 */
  readonly startMs?: number;
  /** Path of the program. @defaultValue 'ffmpeg', found on `PATH` */
  readonly ffmpeg?: string;
}

type PlayerOptions = VideoFileOptions & { readonly width?: number; readonly height?: number };
type Ffmpeg = ChildProcessByStdio<null, Readable, Readable>;

/** Frames that are later than this, in ms, are skipped. */
const LATE_MS = 60;

/** Plays a video file through ffmpeg, at the file's own speed. */
export class VideoPlayer {
  readonly #file: string;
  readonly #options: PlayerOptions;
  readonly #show: (frame: VideoFrame) => void;
  #stop = () => {};
  #finish = () => {};
  /** Resolves at the end of a video that does not loop. */
  readonly ended = new Promise<void>((resolve) => {
    this.#finish = resolve;
  });

  constructor(file: string | URL, options: PlayerOptions, show: (frame: VideoFrame) => void) {
    this.#file = pathOf(file);
    this.#options = options;
    this.#show = show;
  }

  /** Plays from this time of the file, in ms. Resolves at the first frame. @throws TestingError */
  play(fromMs: number): Promise<void> {
    this.#stop();
    const ffmpeg = spawn(this.#options.ffmpeg ?? 'ffmpeg', this.#arguments(fromMs), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ends = new AbortController();
    this.#stop = () => {
      ends.abort();
      // It only reads, so it has nothing to finish; after a SIGTERM it would try to.
      ffmpeg.kill('SIGKILL');
    };
    return new Promise<void>((resolve, reject) => {
      this.#failure(ffmpeg, fromMs).then(reject);
      // After `stop()`, a read or a wait in progress fails.
      this.#pace(ffmpeg.stdout, ends.signal, resolve).then(
        // It may have been stopped in the moment after its last frame.
        (wasWhole) => wasWhole && !ends.signal.aborted && this.#atEnd(),
        () => undefined,
      );
    });
  }

  /** Ends ffmpeg. */
  stop(): void {
    this.#stop();
  }

  /** ffmpeg cannot loop a video that begins later than its start, so the loop starts it again. */
  #atEnd(): void {
    if (this.#options.loop === false) this.#finish();
    else this.play(0).catch(() => undefined);
  }

  /** Shows each frame when it is due. @returns whether it reached the end of the video. */
  async #pace(stream: Readable, signal: AbortSignal, began: () => void): Promise<boolean> {
    let startedAt: number | undefined;
    for await (const { dueMs, frame } of y4mFrames(stream)) {
      startedAt ??= performance.now();
      const earlyMs = startedAt + dueMs - performance.now();
      if (earlyMs > 0) await wait(earlyMs, undefined, { signal });
      if (signal.aborted) return false;
      if (earlyMs < -LATE_MS) continue;
      this.#show(frame());
      began();
    }
    return startedAt !== undefined && !signal.aborted;
  }

  /** Why ffmpeg ended. Ignored after the first frame. */
  async #failure(ffmpeg: Ffmpeg, fromMs: number): Promise<TestingError> {
    const said = text(ffmpeg.stderr).catch(() => '');
    const missing = await new Promise<Error | undefined>((resolve) => {
      ffmpeg.once('error', resolve);
      ffmpeg.once('close', () => resolve(undefined));
    });
    if (missing)
      return new TestingError(
        'ffmpeg',
        `videos are read with ffmpeg, which could not be started (${missing.message})`,
        'install it (`apt-get install ffmpeg`, `brew install ffmpeg`, `winget install ffmpeg`), or ' +
          'give its path as the option `ffmpeg`',
        { cause: missing },
      );
    return new TestingError(
      'video',
      `${this.#file} has no picture at ${fromMs} ms (ffmpeg: ${(await said).trim() || 'no error'})`,
      'give an existing video file, and a time before its end',
    );
  }

  #arguments(fromMs: number): string[] {
    const { loop = true, width, height } = this.#options;
    return [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
      ...(loop && fromMs === 0 ? ['-stream_loop', '-1'] : []),
      ...['-ss', String(fromMs / 1000), '-i', this.#file, '-an', '-sn', '-dn'],
      ...scaling(width, height),
      ...['-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:1'],
    ];
  }
}

function pathOf(file: string | URL): string {
  if (typeof file === 'string' && file !== '') return file;
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file);
  throw new OptionError('file', file, 'pass the path or the `file:` URL of a video');
}

/** Scales to fit, and keeps the aspect ratio. ffmpeg's -2 means: an even side that follows. */
function scaling(width?: number, height?: number): string[] {
  if (width === undefined && height === undefined) return [];
  const fit =
    width !== undefined && height !== undefined ? ':force_original_aspect_ratio=decrease' : '';
  return ['-vf', `scale=${width ?? -2}:${height ?? -2}${fit}`];
}
