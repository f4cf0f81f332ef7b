import { type VideoFrameEvent, VideoStream, type VideoTrack } from '@livekit/rtc-node';
import { textOf } from '../thrown.ts';
import { isBlack } from './black-frame.ts';
import type {
  FrameSource,
  FrameSourceHandlers,
  OpenFrameSource,
  SourceFrame,
} from './frame-source.ts';
import { planeLuma } from './luma.ts';

/** A `VideoStream` that is always drained to its end. */
interface Drained {
  handlers: FrameSourceHandlers | undefined;
  ended: boolean;
}

/**
 * One stream per track, for the track's lifetime: `VideoStream` leaks native frames if it is
 * cancelled while JavaScript is busy, so it is never cancelled. Without a listener its frames are
 * dropped.
 */
const streams = new WeakMap<VideoTrack, Drained>();

/**
 * Reads a track through rtc-node's public `VideoStream`. Its queue is unbounded, so it is drained
 * as fast as it fills; a slow listener misses frames.
 */
export const openVideoStream: OpenFrameSource = (track, handlers): FrameSource => {
  let stream = streams.get(track);
  if (!stream || stream.ended) {
    stream = { handlers, ended: false };
    streams.set(track, stream);
    void drain(track, stream);
  }
  stream.handlers = handlers;
  const reading = stream;
  return {
    via: 'video-stream',
    async close() {
      if (reading.handlers === handlers) reading.handlers = undefined;
    },
  };
};

async function drain(track: VideoTrack, stream: Drained): Promise<void> {
  try {
    const reader = new VideoStream(track).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      stream.handlers?.onFrame(toSourceFrame(value));
    }
    stream.ended = true;
    stream.handlers?.onEnd();
  } catch (error) {
    stream.ended = true;
    stream.handlers?.onEnd(error instanceof Error ? error : new Error(textOf(error)));
  }
}

function toSourceFrame({ frame, rotation }: VideoFrameEvent): SourceFrame {
  return {
    width: frame.width,
    height: frame.height,
    rotation,
    isBlack: () =>
      isBlack(frame.width * frame.height, (at, length) => frame.data.subarray(at, at + length)),
    luma: (width, height) => planeLuma(frame, width, height),
    read: () => frame,
    release: () => {},
  };
}
