/// <reference lib="dom" />
import { type Box, overlap } from './picture-geometry.ts';

/** Cells along each side of a patch. */
const CELLS = 16;
/** The patch is larger than its place: a point has no size, and a box may be an outline. */
const MARGIN = { share: 0.25, least: 0.05 };

/** Grey levels (0 to 255) of a part of a video's picture, row by row. */
export type ScenePatch = Float32Array;

/** The place with a margin around it, inside the picture, in shares of it. */
export function patchAround({ x, y, width, height }: Box): Box {
  const across = Math.max(MARGIN.least, width * MARGIN.share);
  const down = Math.max(MARGIN.least, height * MARGIN.share);
  const around = {
    x: x - across,
    y: y - down,
    width: width + 2 * across,
    height: height + 2 * down,
  };
  return overlap(around, { x: 0, y: 0, width: 1, height: 1 });
}

/** Reads patches of videos, with one canvas for all. */
export class PatchReader {
  #canvas: HTMLCanvasElement | undefined;

  /** `undefined` if the video has no picture, or if the browser refuses to read it. */
  read(video: HTMLVideoElement, { x, y, width, height }: Box): ScenePatch | undefined {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0 || video.readyState < video.HAVE_CURRENT_DATA) return undefined;
    this.#canvas ??= Object.assign(document.createElement('canvas'), {
      ...{ width: CELLS, height: CELLS },
    });
    const pen = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (!pen) return undefined;
    pen.imageSmoothingQuality = 'medium';
    try {
      const part = [x * videoWidth, y * videoHeight, width * videoWidth, height * videoHeight];
      const [left = 0, top = 0, across = 0, down = 0] = part;
      pen.drawImage(video, left, top, across, down, 0, 0, CELLS, CELLS);
      return greyOf(pen.getImageData(0, 0, CELLS, CELLS).data);
    } catch {
      // A picture of another origin cannot be read: the mark then ends at its time limit.
      return undefined;
    }
  }
}

function greyOf(rgba: Uint8ClampedArray): ScenePatch {
  const grey = new Float32Array(rgba.length / 4);
  for (let i = 0; i < grey.length; i++) {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(4 * i, 4 * i + 3);
    grey[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return grey;
}

/** A change of the mean level beyond this is another scene, not another exposure, in levels. */
const OTHER_LIGHT = 40;
/** Differences up to this are noise, in levels. */
const NOISE = 8;
/** The mean difference that is a change, as a share of the contrast of the first patch. */
const CHANGED_SHARE = 0.6;

/** Whether two patches show different scenes. Noise and exposure are no difference. */
export function isOtherScene(before: ScenePatch, now: ScenePatch): boolean {
  const [meanBefore, meanNow] = [mean(before), mean(now)];
  if (Math.abs(meanBefore - meanNow) > OTHER_LIGHT) return true;
  const contrast = mean(before.map((level) => Math.abs(level - meanBefore)));
  const difference = mean(
    before.map((level, i) => Math.abs(level - meanBefore - ((now[i] ?? 0) - meanNow))),
  );
  return difference > Math.max(NOISE, CHANGED_SHARE * contrast);
}

const mean = (levels: ScenePatch): number =>
  levels.reduce((sum, level) => sum + level, 0) / levels.length;
