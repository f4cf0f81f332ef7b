import sharp from 'sharp';

export type PictureFormat = 'jpeg' | 'png' | 'webp';

/** A valid picture of one colour. */
export function picture(format: PictureFormat, width = 64, height = 48): Promise<Buffer> {
  return canvas(width, height).toFormat(format).toBuffer();
}

/** A valid JPEG of at least this many bytes. Decoders ignore the bytes after its end. */
export async function bigJpeg(bytes: number): Promise<Buffer> {
  return Buffer.concat([await picture('jpeg'), Buffer.alloc(bytes)]);
}

export function canvas(width: number, height: number, channels: 3 | 4 = 3) {
  const background = { r: 200, g: 80, b: 40, alpha: 0.5 };
  return sharp({ create: { width, height, channels, background } });
}
