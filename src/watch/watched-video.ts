import type { voice } from '@livekit/agents';
import { OptionError } from '../errors.ts';
import { frameLuma } from '../frames/frame-luma.ts';
import type { LumaFeed } from '../frames/gate.ts';
import type { LumaPicture } from '../frames/luma.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { SCENE_SIZE } from '../scene/scene-change.ts';
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
const CHANGE_LOOK_MS = 200;

/** A small picture of the newest frame and its origin; `undefined` if there is no new one. */
export interface SmallPicture {
  readonly picture: LumaPicture;
  readonly trackSid: string;
}

/** Calls back with small pictures at an interval. Returns a function that stops it. */
export function smallPictures(
  video: WatchedVideo,
  onPicture: (small: SmallPicture, atMs: number) => void,
): () => void {
  const { lumaFeed } = video;
  if (!lumaFeed) return polled(video, onPicture);
  return lumaFeed.onFrame(({ trackSid }) => {
    const picture = lumaFeed.luma(SCENE_SIZE.width, SCENE_SIZE.height);
    if (picture) onPicture({ picture, trackSid }, performance.now());
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
    const picture = frameLuma(seen.frame, SCENE_SIZE.width, SCENE_SIZE.height);
    onPicture({ picture, trackSid: seen.trackSid }, performance.now());
  };
  // A failed look is ignored: the next one follows soon.
  const timer = setInterval(() => void look().catch(() => {}), CHANGE_LOOK_MS);
  return () => clearInterval(timer);
}
