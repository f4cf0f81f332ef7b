import { VideoBufferType } from '@livekit/rtc-node';
import { describe, expect, test } from 'vitest';
import { Ball } from '../../../src/testing/camera/ball.ts';
import { greyFrame, levelOfLuma, nearestLevel } from '../../../src/testing/camera/levels.ts';
import type { Scene } from '../../../src/testing/camera/scene.ts';
import { GeneratedVideo } from '../../../src/testing/generated-video.ts';

describe('a ball that moves over a scene', () => {
  const [width, height] = [64, 48];
  const color = { y: 200, u: 50, v: 60 };
  /** A grey scene with a track of this size, and the bounds of the ball at a time. */
  function stage(track: { left: number; top: number; width: number; height: number }) {
    const picture = greyFrame(2, { width, height });
    const pixels = Uint8Array.from(picture.data);
    const scene = { picture, track: { ...track, color } } as Scene;
    const ball = new Ball(scene, pixels);
    /** Left, top, width and height of a value in a plane. */
    const bounds = (value: number, from: number, across: number, down: number) => {
      const [xs, ys]: [number[], number[]] = [[], []];
      for (let y = 0; y < down; y++)
        for (let x = 0; x < across; x++)
          if (pixels[from + y * across + x] === value) {
            xs.push(x);
            ys.push(y);
          }
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      return [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
    };
    const at = (seconds: number) => {
      ball.moveTo(seconds);
      const u = width * height;
      const v = u + u / 4;
      return {
        luma: bounds(color.y, 0, width, height),
        chroma: [
          bounds(color.u, u, width / 2, height / 2),
          bounds(color.v, v, width / 2, height / 2),
        ],
      };
    };
    return { at, pixels, picture };
  }

  test('a ball goes back and forth on a wide track in 4 seconds, in all planes', () => {
    const { at } = stage({ left: 8, top: 4, width: 48, height: 10 });
    const places = [0, 1, 2, 3, 4].map((seconds) => at(seconds).luma);
    expect(places).toEqual([8, 28, 48, 28, 8].map((left) => [left, 4, 8, 8]));
    expect(at(1).chroma).toEqual([
      [14, 2, 4, 4],
      [14, 2, 4, 4],
    ]);
  });

  test('a ball goes up and down on a high track', () => {
    const { at } = stage({ left: 8, top: 4, width: 10, height: 40 });
    expect([0, 1, 2].map((seconds) => at(seconds).luma)).toEqual([
      [8, 4, 8, 8],
      [8, 20, 8, 8],
      [8, 36, 8, 8],
    ]);
  });

  test('a ball has 4 pixels at least, stays on a short track, and leaves nothing behind', () => {
    const short = stage({ left: 8, top: 4, width: 3, height: 2 });
    expect(short.at(1).luma).toEqual([8, 4, 4, 4]);
    const { at, pixels, picture } = stage({ left: 8, top: 4, width: 48, height: 10 });
    at(0);
    const first = Uint8Array.from(pixels);
    at(1);
    at(0);
    expect(pixels).toEqual(first);
    const changed = pixels.filter((value, index) => value !== picture.data[index]).length;
    // A disc of 8 pixels and two of 4.
    expect(changed).toBeGreaterThan(60);
    expect(changed).toBeLessThan(85);
  });
});

describe('the grey levels of a camera', () => {
  test('a grey frame has one luma for its level, and no colour, also with odd sides', () => {
    const frame = greyFrame(3, { width: 5, height: 3 });
    expect(frame).toMatchObject({ width: 5, height: 3, type: VideoBufferType.I420 });
    expect([...frame.data]).toEqual([...Array(15).fill(76), ...Array(12).fill(128)]);
    expect([greyFrame(0).data[0], greyFrame(9).data[0], greyFrame(0).width]).toEqual([16, 196, 96]);
    for (const level of [-1, 10, 1.5, Number.NaN])
      expect(() => greyFrame(level)).toThrow(
        `no grey level ${level}: use a whole number from 0 to 9`,
      );
  });

  test('the level of a grey value or of a luma is the nearest one', () => {
    const grey = (luma: number) => ((luma - 16) * 255) / 219;
    for (let level = 0; level < 10; level++) {
      const luma = 16 + 20 * level;
      expect([luma - 9, luma, luma + 9].map(levelOfLuma).map(Math.abs)).toEqual([
        level,
        level,
        level,
      ]);
      const greys = [luma - 9, luma, luma + 9].map(grey);
      expect(greys.map((one) => Math.abs(nearestLevel(one) ?? -1))).toEqual([level, level, level]);
    }
    expect([grey(207), 255].map(nearestLevel)).toEqual([undefined, undefined]);
  });
});

describe('a generated video', () => {
  const rowOf = (video: GeneratedVideo, row: number, ms = 0) => {
    const { read, stride } = video.at(ms);
    return read(row * stride, stride);
  };

  test('a generated video is the same for the same seed, within the range of luma', () => {
    const make = (seed?: number) =>
      new GeneratedVideo({ width: 64, height: 36, ...(seed === undefined ? {} : { seed }) });
    expect(rowOf(make(), 5)).toEqual(rowOf(make(1), 5));
    expect(rowOf(make(2), 5)).not.toEqual(rowOf(make(1), 5));
    expect(make().at(0)).toMatchObject({ width: 64, height: 36, stride: 64 });
    const bright = new GeneratedVideo({ width: 64, height: 36, light: () => 300 });
    expect(new Set(rowOf(bright, 0))).toEqual(new Set([235]));
    const dark = new GeneratedVideo({ width: 64, height: 36, light: () => -300 });
    expect(new Set(rowOf(dark, 0))).toEqual(new Set([16]));
    expect(new GeneratedVideo().at(0)).toMatchObject({ width: 640, height: 360 });
  });

  test('a video without noise is its room, its light and its patches at that time', () => {
    const patch = { left: 0.25, top: 0.5, width: 0.5, height: 0.25, ink: [30, 220] as const };
    const over = { ...patch, left: 0.5, width: 0.25, ink: [99, 99] as const };
    const options = { width: 80, height: 40, noise: 0, light: (ms: number) => ms / 100 };
    const plain = new GeneratedVideo(options);
    const video = new GeneratedVideo({
      ...options,
      patches: (ms) => (ms >= 100 ? [patch, over] : []),
    });
    for (const row of [0, 19, 30]) expect(rowOf(video, row, 100)).toEqual(rowOf(plain, row, 100));
    expect(rowOf(video, 25, 0)).toEqual(rowOf(plain, 25, 0));
    for (const row of [20, 29]) {
      const values = [...rowOf(video, row, 100)];
      expect(values.slice(0, 20)).toEqual([...rowOf(plain, row, 100)].slice(0, 20));
      // Stripes of 9 pixels.
      expect(values.slice(20, 40)).toEqual([
        ...Array(9).fill(31),
        ...Array(9).fill(221),
        ...Array(2).fill(31),
      ]);
      expect(values.slice(40, 60)).toEqual(Array(20).fill(100));
    }
    const [before, after] = [rowOf(plain, 3, 0), rowOf(plain, 3, 1000)];
    expect([...after].map((value, at) => value - (before[at] ?? 0))).toEqual(Array(80).fill(10));
  });

  test('the noise of a video has its deviation, and changes with each row that is read', () => {
    const video = new GeneratedVideo({ width: 4000, height: 2, noise: 8 });
    const plain = new GeneratedVideo({ width: 4000, height: 2, noise: 0 });
    const quiet = rowOf(plain, 0);
    const noise = [...rowOf(video, 0)].map((value, at) => value - (quiet[at] ?? 0));
    const deviation = Math.sqrt(noise.reduce((sum, one) => sum + one * one, 0) / noise.length);
    expect(deviation).toBeGreaterThan(7);
    expect(deviation).toBeLessThan(9);
    expect(rowOf(video, 0)).not.toEqual(rowOf(video, 0));
  });
});
