import type { Scene } from './scene.ts';

/** Rows of a disc, `size` samples across: the first sample and the count of each. */
type Disc = readonly (readonly [from: number, count: number])[];

/**
 * Moves a ball over a scene's picture in place. Only the ball's old and new places are written, so
 * a frame of 1280x720 takes a few microseconds instead of a full drawing.
 */
export class Ball {
  readonly #scene: Scene;
  readonly #pixels: Uint8Array;
  readonly #size: number;
  readonly #luma: Disc;
  readonly #chroma: Disc;
  #at: { left: number; top: number } | undefined;

  /** @param pixels - A copy of the scene's picture, which the ball changes. */
  constructor(scene: Scene, pixels: Uint8Array) {
    this.#scene = scene;
    this.#pixels = pixels;
    // A multiple of four, so that half of it, in the colour planes, is even as well.
    this.#size = Math.max(4, Math.floor(Math.min(scene.track.width, scene.track.height) / 4) * 4);
    this.#luma = disc(this.#size);
    this.#chroma = disc(this.#size / 2);
  }

  /**
   * Moves the ball to its position after `seconds`: back and forth along the longer side of the
   * track.
   */
  moveTo(seconds: number): void {
    const { track } = this.#scene;
    // At a constant speed: a ball that slows down at the ends would make equal frames.
    const swing = 1 - Math.abs(1 - 2 * ((seconds / PERIOD_SECONDS) % 1));
    const along = Math.max(track.width, track.height) - this.#size;
    const offset = Math.floor(swing * Math.max(0, along));
    const wide = track.width >= track.height;
    if (this.#at) this.#write(this.#at, true);
    this.#at = { left: track.left + (wide ? offset : 0), top: track.top + (wide ? 0 : offset) };
    this.#write(this.#at, false);
  }

  /** Draws the disc at a place, or restores the picture there. */
  #write({ left, top }: { left: number; top: number }, restore: boolean): void {
    const { picture, track } = this.#scene;
    const { width, height } = picture;
    const chromaWidth = (width + 1) >> 1;
    const chromaHeight = (height + 1) >> 1;
    const u = width * height;
    const planes = [
      { base: 0, stride: width, left, top, rows: this.#luma, value: track.color.y },
      {
        base: u,
        stride: chromaWidth,
        left: left >> 1,
        top: top >> 1,
        rows: this.#chroma,
        value: track.color.u,
      },
      {
        base: u + chromaWidth * chromaHeight,
        stride: chromaWidth,
        left: left >> 1,
        top: top >> 1,
        rows: this.#chroma,
        value: track.color.v,
      },
    ];
    for (const plane of planes) {
      plane.rows.forEach(([from, count], row) => {
        const start = plane.base + (plane.top + row) * plane.stride + plane.left + from;
        if (restore) this.#pixels.set(picture.data.subarray(start, start + count), start);
        else this.#pixels.fill(plane.value, start, start + count);
      });
    }
  }
}

/** Time of one movement back and forth. */
const PERIOD_SECONDS = 4;

function disc(size: number): Disc {
  const radius = size / 2;
  return Array.from({ length: size }, (_, row) => {
    const dy = row + 0.5 - radius;
    const half = Math.round(Math.sqrt(Math.max(0, radius * radius - dy * dy)));
    return [radius - half, half * 2] as const;
  });
}
