import {
  LocalVideoTrack,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoRotation,
  VideoSource,
} from '@livekit/rtc-node';
import type { Size } from '../../frames/geometry.ts';

const SMALL: Size = { width: 96, height: 64 };

/** A real track that sends a frame when it is told to: plain grey, of a level from 1 to 10. */
export class HandCamera {
  readonly track: LocalVideoTrack;
  readonly source = TrackSource.SOURCE_CAMERA;
  readonly #video: VideoSource;

  constructor(size: Size = SMALL) {
    this.#video = new VideoSource(size.width, size.height);
    // Until it has one of its own, rtc-node's source sends blank frames.
    this.#capture(greyFrame(1, size));
    this.track = LocalVideoTrack.createVideoTrack('hand', this.#video);
  }

  show(level: number, size: Size = SMALL, rotation = VideoRotation.VIDEO_ROTATION_0): void {
    this.#capture(greyFrame(level, size), rotation);
  }

  async close(): Promise<void> {
    await this.track.close();
  }

  #capture(frame: VideoFrame, rotation = VideoRotation.VIDEO_ROTATION_0): void {
    this.#video.captureFrame(frame, 0n, rotation);
  }
}

const lumaOf = (level: number) => 16 + level * 20;

/** A frame of one grey level, from 1 to 10. */
export function greyFrame(level: number, { width, height }: Size = SMALL): VideoFrame {
  const pixels = new Uint8Array((width * height * 3) / 2).fill(128);
  pixels.fill(lumaOf(level), 0, width * height);
  return new VideoFrame(pixels, width, height, VideoBufferType.I420);
}
