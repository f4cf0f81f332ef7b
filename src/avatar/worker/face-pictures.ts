import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import type { Lids } from './blink.ts';
import { drawFace, type FaceStyle } from './face-drawing.ts';

/** Steps between a closed and an open mouth; finer ones are not visible. */
const MOUTH_STEPS = 9;

const LIDS: readonly Lids[] = [0, 1, 2];

/** All pictures of the face, drawn once: 30 pictures of 0.4 MB each at 512x512. */
export class FacePictures {
  readonly #frames: readonly (readonly VideoFrame[])[];

  private constructor(frames: readonly (readonly VideoFrame[])[]) {
    this.#frames = frames;
  }

  /** Draws the pictures off the event loop; takes about a second of one core. */
  static async draw(style: FaceStyle): Promise<FacePictures> {
    const openings = Array.from({ length: MOUTH_STEPS + 1 }, (_, step) => step / MOUTH_STEPS);
    const frames = openings.map((mouth) =>
      Promise.all(LIDS.map((lids) => rendered(drawFace({ mouth, lids }, style), style))),
    );
    return new FacePictures(await Promise.all(frames));
  }

  /** @param mouth - From 0, closed, to 1, wide open. */
  at(mouth: number, lids: Lids): VideoFrame {
    const step = Math.round(Math.min(1, Math.max(0, mouth)) * MOUTH_STEPS);
    const frame = this.#frames[step]?.[lids];
    if (!frame) throw new Error(`no picture of a mouth at ${mouth} with lids at ${lids}`);
    return frame;
  }
}

/** Converts to the format that video is encoded from. */
async function rendered(svg: string, { width, height }: FaceStyle): Promise<VideoFrame> {
  const pixels = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer();
  const frame = new VideoFrame(new Uint8Array(pixels), width, height, VideoBufferType.RGBA);
  return frame.convert(VideoBufferType.I420);
}
