import { afterAll, describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/frames/encode.ts';
import { decoded, manifest, psnr, readReference, sceneFrame } from '../support/frames/pictures.ts';

/** Decibels. Python's pictures differ by its rounding, and in YUV by libyuv's (up to 3 of 255). */
const FLOOR = 45;

const report: string[] = [];
afterAll(() => console.info(report.join('\n')));

describe(`pictures of ${manifest.reference}`, () => {
  for (const scene of manifest.scenes) {
    const size = `${scene.width}x${scene.height}`;

    for (const { type, resize, file } of scene.cases) {
      const what = resize
        ? `${resize.strategy} into ${resize.width}x${resize.height}`
        : 'without a resize';
      it(`a picture of ${size} ${type}, ${what}, matches the reference`, async () => {
        const frame = await sceneFrame(scene, type);
        const ours = await encodeFrame(frame, { format: 'png', resize: resize ?? undefined });
        const decibels = psnr(await decoded(ours.data), await decoded(readReference(file)));
        report.push(`${size} ${type}, ${what}: ${decibels.toFixed(1)} dB`);
        expect(decibels).toBeGreaterThan(FLOOR);
      });
    }

    for (const [quality, bytes] of Object.entries(scene.jpegBytes)) {
      it(`a picture of ${size} as a JPEG of quality ${quality} has about as many bytes as the reference`, async () => {
        const frame = await sceneFrame(scene, 'RGBA');
        const { data } = await encodeFrame(frame, { quality: Number(quality) });
        report.push(`${size}, quality ${quality}: ${data.length} bytes, Python ${bytes}`);
        expect(Math.abs(data.length / bytes - 1)).toBeLessThan(0.1);
      });
    }
  }
});
