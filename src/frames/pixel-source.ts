import type { VideoFrame } from '@livekit/rtc-node';
import type { RgbPicture } from './encode-enlarge.ts';
import type { Size } from './geometry.ts';
import { converted, type LoadedFrame, load } from './pixels.ts';
import type { PixelMemory } from './pixels-memory.ts';
import { scaledRgb } from './pixels-scale.ts';

/** A copy of a frame, which can be read in several sizes, one after the other. */
export class PixelSource {
  readonly #memory: PixelMemory;
  readonly #frame: LoadedFrame;
  #last: RgbPicture | undefined;

  /** @throws EncodeError when size, format and length of the frame do not agree. */
  constructor(frame: VideoFrame, memory: PixelMemory) {
    this.#memory = memory;
    this.#frame = load(frame, memory);
  }

  /**
   * The frame as RGB24. Planes are scaled if no side has to grow; any other frame keeps its size.
   * The picture is valid until the next call.
   */
  async picture(wanted: Size): Promise<RgbPicture> {
    const { width, height } = this.#shrinksTo(wanted) ? wanted : this.#frame;
    if (this.#last?.width !== width || this.#last.height !== height)
      this.#last = { rgb: await this.#rgb({ width, height }), width, height };
    return this.#last;
  }

  #shrinksTo({ width, height }: Size): boolean {
    const { kind, ...own } = this.#frame;
    return kind === 'planar' && width <= own.width && height <= own.height;
  }

  async #rgb(size: Size): Promise<Buffer> {
    const frame = this.#frame;
    const same = size.width === frame.width && size.height === frame.height;
    if (same || frame.kind === 'packed') return converted(frame, this.#memory);
    return await scaledRgb(frame, size, this.#memory);
  }
}
