import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { type EncodeOptions, encodeFrame } from './encode.ts';

/** Encodes a small grey picture, because the first encode loads sharp. */
export async function warmUpEncoder(options: EncodeOptions): Promise<void> {
  const size = 64;
  const grey = new Uint8Array((size * size * 3) / 2).fill(128);
  await encodeFrame(new VideoFrame(grey, size, size, VideoBufferType.I420), options);
}
