import type { VideoFrame } from '@livekit/rtc-node';
import { VideoBufferType } from '@livekit/rtc-node';
import sharp from 'sharp';

/**
 * How much a picture is like its frame: peak signal-to-noise ratio in dB against the frame, scaled
 * by a filter that no contestant uses.
 */
export async function psnrDb(frame: VideoFrame, picture: Buffer): Promise<number> {
  const { data: shown, info } = await sharp(picture)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = frame.convert(VideoBufferType.RGB24);
  const wanted = await sharp(rgb.data, {
    raw: { width: rgb.width, height: rgb.height, channels: 3 },
  })
    .resize(info.width, info.height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  let squares = 0;
  for (let at = 0; at < wanted.length; at++) {
    const difference = (wanted[at] ?? 0) - (shown[at] ?? 0);
    squares += difference * difference;
  }
  return 10 * Math.log10((255 * 255 * wanted.length) / squares);
}
