import { log } from '@livekit/agents';
import { openNativeTap } from '../internals/rtc-native-tap.ts';
import type { OpenFrameSource } from './frame-source.ts';
import { openVideoStream } from './video-stream-source.ts';

let saidFallback = false;

/**
 * Reads a track through its native handles. If this version of rtc-node has other internals, it
 * uses the public `VideoStream`, logs that once, and reports it in `metrics().via`.
 */
export const openFrameSource: OpenFrameSource = (track, handlers) => {
  const tap = openNativeTap(track, handlers);
  if (tap) return tap;
  if (!saidFallback) {
    saidFallback = true;
    log().warn(
      'video: frames are read through VideoStream, which copies each of them: this version of ' +
        '@livekit/rtc-node is not known to Sightline',
    );
  }
  return openVideoStream(track, handlers);
};
