import { type VideoFrameEvent, VideoStream } from '@livekit/rtc-node';
import type { FrameSource, OpenFrameSource, SourceFrame } from './frame-source.ts';

/**
 * Reads a track through rtc-node's public `VideoStream`. Its queue has no bound, so it is drained
 * as fast as it fills: each frame goes on at once, and whoever is slow misses some.
 */
export const openVideoStream: OpenFrameSource = (track, handlers): FrameSource => {
  const reader = new VideoStream(track).getReader();
  let closed: Promise<void> | undefined;

  const drain = async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (closed) return;
        if (done) return handlers.onEnd();
        handlers.onFrame(toSourceFrame(value));
      }
    } catch (error) {
      if (!closed) handlers.onEnd(error instanceof Error ? error : new Error(String(error)));
    }
  };
  void drain();

  return {
    via: 'video-stream',
    close() {
      // `stream.cancel()` throws while a reader holds the lock; the reader's own cancel does not.
      closed ??= reader.cancel();
      return closed;
    },
  };
};

function toSourceFrame({ frame, rotation }: VideoFrameEvent): SourceFrame {
  return {
    width: frame.width,
    height: frame.height,
    rotation,
    read: () => frame,
    release: () => {},
  };
}
