import sharp, { type Sharp } from 'sharp';
import type { FramePlane } from '../frames/frame-edit.ts';
import { yuvOf } from '../frames/pixels-colour.ts';
import type { PixelRect } from './region.ts';

/** Cells that a blurred region keeps along its longer side: too few for a face or a letter. */
const BLUR_CELLS = 6;

/** Paints over these areas of a frame, in one of its planes. */
export type Cover = (plane: FramePlane, areas: readonly PixelRect[]) => Promise<void>;

/** The samples of a plane that belong to a pixel of the area, at its edge as well. */
function coveredSamples({ left, top, width, height }: PixelRect, plane: FramePlane): PixelRect {
  const [x, y] = [Math.floor(left / plane.across), Math.floor(top / plane.down)];
  const right = Math.ceil((left + width) / plane.across);
  const bottom = Math.ceil((top + height) / plane.down);
  return { left: x, top: y, width: right - x, height: bottom - y };
}

/** Covers with one colour. */
export function filling(color: string): Cover {
  let values: Promise<Record<FramePlane['kind'], readonly number[]>> | undefined;
  return async (plane, areas) => {
    values ??= samplesOf(color);
    const sample = Buffer.from((await values)[plane.kind]);
    for (const area of areas.map((one) => coveredSamples(one, plane))) {
      const cover = Buffer.alloc(area.width * area.height * plane.channels, sample);
      paste(plane, cover, area);
    }
  };
}

/** The values of a colour in each kind of plane. */
async function samplesOf(
  background: string,
): Promise<Record<FramePlane['kind'], readonly number[]>> {
  const create = { width: 1, height: 1, channels: 3, background } as const;
  const [red = 0, green = 0, blue = 0] = await sharp({ create }).raw().toBuffer();
  const { y, u, v } = yuvOf(red, green, blue);
  return { rgb: [red, green, blue], y: [y], u: [u], v: [v] };
}

/** Covers with what blurred cells leave of the colours. */
export const blurring: Cover = async (plane, areas) => {
  // All covers are made of the picture without any.
  const covers = await Promise.all(
    areas.map(async (one) => {
      const area = coveredSamples(one, plane);
      return { area, cover: await blurred(plane, area) };
    }),
  );
  for (const { area, cover } of covers) paste(plane, cover, area);
};

async function blurred({ data, channels, ...size }: FramePlane, area: PixelRect): Promise<Buffer> {
  const raw = (width: number, height: number) => ({ raw: { width, height, channels } });
  const samples = (image: Sharp) =>
    (channels === 1 ? image.toColourspace('b-w') : image).raw().toBuffer();
  const { width, height } = area;
  const cell = Math.max(width, height) / BLUR_CELLS;
  const cells = (side: number) => Math.max(1, Math.round(side / cell));
  const [across, down] = [cells(width), cells(height)];
  const coarse = await samples(
    sharp(data, raw(size.width, size.height))
      .extract(area)
      .resize(across, down, { fit: 'fill', kernel: 'linear' }),
  );
  return await samples(
    sharp(coarse, raw(across, down)).resize(width, height, { fit: 'fill', kernel: 'cubic' }),
  );
}

/** Replaces the area by its cover, row by row. A composition by sharp takes twice the CPU. */
function paste(plane: FramePlane, cover: Buffer, { left, top, width, height }: PixelRect): void {
  const { channels } = plane;
  const bytes = channels * width;
  for (let row = 0; row < height; row++)
    plane.data.set(
      cover.subarray(row * bytes, (row + 1) * bytes),
      channels * ((top + row) * plane.width + left),
    );
}
