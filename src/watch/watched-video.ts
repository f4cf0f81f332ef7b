import type { voice } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import { frameLuma } from '../frames/frame-luma.ts';
import type { LumaFeed } from '../frames/gate.types.ts';
import type { LumaPicture } from '../frames/luma.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { sceneSizeOf } from '../scene/scene-change.ts';
import type { SourceKind } from '../source.ts';
import type { VideoSession } from '../video-session.ts';

/** A video that can be watched: a VideoSession, or any object that provides frames. */
export interface WatchedVideo {
  /** One fresh frame. */
  look(): Promise<SeenFrame>;
  /** The newest frame, for `onSceneChange` without a {@link WatchedVideo.lumaFeed}. */
  latestFrame?(): Promise<SeenFrame | undefined>;
  /** The session's root actor: the watch starts when it is open, and stops with it. */
  readonly actor?: VideoSession['actor'];
  /** The agent session of a watch without the option `session`. */
  readonly agentSession?: voice.AgentSession;
  /** Called once by each watch: the session then needs no model. */
  expectWatch?(): void;
  /** Shows the watch's actor in an inspector. */
  readonly inspect?: VideoSession['inspect'];
  /** Small grey pictures of the frames as they arrive, without a copy of each frame. */
  readonly lumaFeed?: LumaFeed;
}

/** @throws OptionError if it provides no frames. */
export function checkVideo(video: WatchedVideo): void {
  if (typeof video?.look === 'function') return;
  throw new OptionError('video', video, 'pass the VideoSession as the first argument');
}

/** Interval between two pictures that are compared, in ms. */
export const CHANGE_LOOK_MS = 200;

/** A small picture of the newest frame and its origin; `undefined` if there is no new one. */
export interface SmallPicture {
  readonly picture: LumaPicture;
  readonly trackSid: string;
  readonly source: SourceKind;
}

/** Calls back with small pictures at an interval. Returns a function that stops it. */
export function smallPictures(
  video: WatchedVideo,
  onPicture: (small: SmallPicture, atMs: number) => void,
): () => void {
  const { lumaFeed } = video;
  if (!lumaFeed) return polled(video, onPicture);
  return lumaFeed.onFrame(({ trackSid, source }) => {
    const { width, height } = sceneSizeOf(source);
    const picture = lumaFeed.luma(width, height);
    if (picture) onPicture({ picture, trackSid, source }, performance.now());
  }, CHANGE_LOOK_MS);
}

function polled(
  video: WatchedVideo,
  onPicture: (small: SmallPicture, atMs: number) => void,
): () => void {
  let lastId: number | undefined;
  const look = async () => {
    const seen = await video.latestFrame?.();
    if (!seen || seen.id === lastId) return;
    lastId = seen.id;
    const { trackSid, source } = seen;
    const { width, height } = sceneSizeOf(source);
    const picture = frameLuma(seen.frame, width, height);
    onPicture({ picture, trackSid, source }, performance.now());
  };
  // A failed look is ignored: the next one follows soon.
  const timer = setInterval(() => void look().catch(() => {}), CHANGE_LOOK_MS);
  return () => clearInterval(timer);
}
