import type { LumaPlane } from '../frames/luma.ts';
import { Random } from './random.ts';

/** A rectangle as fractions of the picture, with stripes. */
export interface Patch {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Luma of its first and second stripes. */
  readonly ink: readonly [number, number];
}

export interface GeneratedVideoOptions {
  readonly width?: number;
  readonly height?: number;
  /** Standard deviation of the camera's noise, in levels of luma. */
  readonly noise?: number;
  readonly seed?: number;
  /** Levels of luma that the light adds to the whole picture at a time. */
  readonly light?: (ms: number) => number;
  /** The patches in front of the scene at a time. Later ones cover earlier ones. */
  readonly patches?: (ms: number) => readonly Patch[];
}

const NOISE_TABLE = 1 << 16;
/** Width of a stripe of a patch, in pixels. */
const STRIPE = 9;

/**
 * A camera's luma planes: a room with furniture, noise, light and patches. Each row is generated
 * when it is read, so hours of video cost only the rows that are read.
 */
export class GeneratedVideo {
  readonly #width: number;
  readonly #height: number;
  readonly #light: (ms: number) => number;
  readonly #patches: (ms: number) => readonly Patch[];
  readonly #room: Uint8Array;
  readonly #noise: Float32Array;
  readonly #random: Random;

  constructor(options: GeneratedVideoOptions = {}) {
    this.#width = options.width ?? 640;
    this.#height = options.height ?? 360;
    this.#light = options.light ?? (() => 0);
    this.#patches = options.patches ?? (() => []);
    this.#random = new Random(options.seed ?? 1);
    this.#room = this.#furnish();
    const deviation = options.noise ?? 4;
    this.#noise = Float32Array.from({ length: NOISE_TABLE }, () => gauss(this.#random) * deviation);
  }

  /** The luma plane of the frame at this time. */
  at(ms: number): LumaPlane {
    const [width, height] = [this.#width, this.#height];
    const light = this.#light(ms);
    const patches = this.#patches(ms);
    const read = (at: number, length: number) => {
      const row = Math.floor(at / width);
      const pixels = new Uint8Array(length);
      let noise = Math.floor(this.#random.next() * NOISE_TABLE);
      const here = patches.filter(
        ({ top, height: tall }) => row >= top * height && row < (top + tall) * height,
      );
      const values = new Float32Array(this.#room.subarray(row * width, row * width + length));
      for (const { left, width: wide, ink } of here) {
        const end = Math.min(length, Math.round((left + wide) * width));
        const start = Math.max(0, Math.round(left * width));
        for (let x = start; x < end; x++)
          values[x] = ink[Math.floor((x - start) / STRIPE) % 2 === 0 ? 0 : 1];
      }
      for (let x = 0; x < length; x++) {
        noise = (noise + 1) % NOISE_TABLE;
        const value = (values[x] ?? 0) + light + (this.#noise[noise] ?? 0);
        pixels[x] = Math.min(235, Math.max(16, value));
      }
      return pixels;
    };
    return { width, height, stride: width, read };
  }

  /** A wall that gets darker to one side, with sharp-edged furniture in front. */
  #furnish(): Uint8Array {
    const [width, height] = [this.#width, this.#height];
    const room = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        room[y * width + x] = 150 - (40 * x) / width + (10 * y) / height;
    for (let thing = 0; thing < 14; thing++) {
      const left = Math.floor(this.#random.next() * width * 0.9);
      const top = Math.floor(this.#random.next() * height * 0.9);
      const right = Math.min(width, left + Math.floor((0.04 + this.#random.next() * 0.12) * width));
      const bottom = Math.min(
        height,
        top + Math.floor((0.06 + this.#random.next() * 0.2) * height),
      );
      const luma = 40 + this.#random.next() * 150;
      for (let y = top; y < bottom; y++) room.fill(luma, y * width + left, y * width + right);
    }
    return room;
  }
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
