import type { VideoRoom } from '../actors/video-room.ts';
import type { AvatarOption } from '../avatar/avatar-session.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { InspectOption } from '../inspect/inspection.ts';
import type { RealtimeSinkOptions } from '../models/realtime-sink.ts';
import type { FrameBudgetOptions } from '../sampling/frame-budget.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { SamplingMode, SourceSelector } from '../source.ts';

/** Which video is watched, and how long to wait for it. Times are in ms. */
export interface VideoInputOptions {
  /**
   * Which track: the newest of the linked participant (`latest`), its newest `camera` or `screen`,
   * or one `{ trackSid }` or `{ identity }`, linked or not.
   * @defaultValue 'latest'
   */
  source?: SourceSelector;
  /**
   * Several at once instead of `source`: each with a stream and a rate of its own, and labelled for
   * the model. The first is the one that `look()` and `latestFrame()` mean.
   * @defaultValue the one `source`
   */
  sources?: readonly ('camera' | 'screen')[];
  /**
   * `off`, `onDemand` or `sampled`; changes at run time with `setMode`.
   * @defaultValue 'sampled'
   */
  mode?: SamplingMode;
  /**
   * When a realtime model gets a frame. A pipeline's turns carry theirs anyway.
   * @defaultValue `voiceActivitySampler()`: 1 frame a second while the user speaks, else one in 3 s
   */
  sampler?: Sampler;
  /**
   * Size and format of the frames that a realtime model gets. What is not set stays as it suits
   * the model.
   * @defaultValue for Gemini and OpenAI JPEG, quality 75, fitted inside 1024x1024 without enlarging
   */
  image?: EncodeOptions;
  /**
   * Upper limits of what a realtime model gets; the idle rate slows first, then the speaking one.
   * @defaultValue none
   */
  budget?: FrameBudgetOptions;
  /**
   * When a source ends (off, muted, no longer shared, gone), a realtime model is told so once, and
   * its pictures are deleted from OpenAI's conversation. `false` keeps the past there.
   * @defaultValue true
   */
  honest?: boolean;
  /**
   * Between samples that are 2 s or more apart, the video is switched off at the server, and on
   * again shortly before the next one: for a process that has no other reader of the track, which
   * would get nothing meanwhile.
   * @defaultValue false
   */
  pauseWhenIdle?: boolean;
  /**
   * Time without a frame after which the stream counts as stalled.
   * @defaultValue 5000
   */
  stallAfterMs?: number;
  /**
   * How long `look()` waits for a fresh frame.
   * @defaultValue 2000
   */
  lookTimeoutMs?: number;
}

/** The picture of each user turn of an STT-LLM-TTS pipeline. */
export interface TurnOptions {
  /**
   * A camera's frame that is older than this is not attached, in ms. A screen's always is: it sends
   * frames when something changes.
   * @defaultValue 3000
   */
  maxFrameAgeMs?: number;
  /**
   * A turn never waits longer than this for its picture, in ms.
   * @defaultValue 150
   */
  attachBudgetMs?: number;
  /**
   * Pictures that a request may hold, this turn's included. Older ones become a line of text when
   * the next turn comes. With 0 only the current turn has its own.
   * @defaultValue 1, or as many as there are `input.sources`
   */
  keepPictures?: number;
  /**
   * Pictures of each source, spread over the time that the user spoke, the newest included: for
   * what moves. The history keeps `keepPictures` of them.
   * @defaultValue 1
   */
  pictures?: number;
  /**
   * Most bytes of all pictures of a turn; the earliest are left out first.
   * @defaultValue 4000000
   */
  maxBytes?: number;
  /**
   * Widest picture in pixels: fitted inside, aspect kept; either of the two is enough.
   * @defaultValue the frame's own width
   */
  inferenceWidth?: number;
  /**
   * Highest picture in pixels.
   * @defaultValue the frame's own height
   */
  inferenceHeight?: number;
  /**
   * How closely the model should look; passed on as it is.
   * @defaultValue 'auto'
   */
  detail?: 'auto' | 'high' | 'low';
  /**
   * Format, quality and size of the picture.
   * @defaultValue JPEG, quality 75, native size
   */
  image?: EncodeOptions;
}

/** A realtime model's connection that breaks off, or cannot be made. */
export interface ReconnectOptions {
  /**
   * Attempts in a row until the agent session ends with the error.
   * @defaultValue 8
   */
  attempts?: number;
  /**
   * First pause between two of them; doubled each time, up to 8 s.
   * @defaultValue 250
   */
  retryBaseMs?: number;
}

export interface RealtimeOptions extends RealtimeSinkOptions {
  /**
   * `false` leaves connections to the plugin: Google's ends the agent with the first that breaks
   * off, OpenAI's with the first that is refused.
   */
  reconnect?: ReconnectOptions | false;
}

/** How an avatar comes, and what happens where it does not. Times are in ms. */
export interface AvatarLimits {
  /**
   * How long the provider may take to start; then the agent goes on as a voice.
   * @defaultValue 10000
   */
  startTimeoutMs?: number;
  /**
   * How long the avatar may take to join with its video; then the agent goes on as a voice.
   * @defaultValue 15000
   */
  joinTimeoutMs?: number;
  /**
   * Attempts in a row until the agent stays a voice.
   * @defaultValue 5
   */
  maxAttempts?: number;
  /**
   * First pause before another attempt; doubled each time, up to 30 s.
   * @defaultValue 1000
   */
  retryBaseMs?: number;
  /**
   * How long the avatar stays when the user has left.
   * @defaultValue 20000
   */
  graceMs?: number;
  /**
   * How long an avatar may take to begin a segment; then the agent says it as a voice.
   * @defaultValue 3000
   */
  playbackStartTimeoutMs?: number;
  /**
   * An avatar of which nothing comes for so long, while the agent's speech is loud, is gone.
   * @defaultValue 450
   */
  silentAfterMs?: number;
  /**
   * How long after the end of its audio an avatar may be silent about having played it.
   * @defaultValue 3000
   */
  finishSlackMs?: number;
  /**
   * How long an interruption may take.
   * @defaultValue 1000
   */
  clearTimeoutMs?: number;
}

export interface VideoSessionOptions {
  /** The room of the job: `ctx.room`. */
  room: VideoRoom;
  input?: VideoInputOptions;
  turn?: TurnOptions;
  /**
   * An avatar session of any provider, or a function that makes one. With a
   * function also those that start only once can come back. `null` for none until
   * `setAvatar` brings one.
   */
  avatar?: AvatarOption | null;
  /** Limits of the avatar. */
  avatarLimits?: AvatarLimits;
  /** How frames are kept in the conversation of a realtime model, and its connection. */
  realtime?: RealtimeOptions;
  /** Time limits of start and close, in ms. */
  limits?: {
    /** @defaultValue 15000 */
    connectTimeoutMs?: number;
    /** @defaultValue 30000 */
    startTimeoutMs?: number;
    /** @defaultValue 5000 */
    closeTimeoutMs?: number;
  };
  /**
   * `participant`: whom the agent serves may switch its video from afar, by the RPC
   * `sightline.mode`, and an attribute of that name shows everybody the mode. See
   * `sightline/client`.
   * @defaultValue 'none'
   */
  control?: 'participant' | 'none';
  /**
   * `closed`: no participant can read the agent's instructions and history, or make it answer, by
   * the framework's `lk.agent.session`. `framework`: the participant that the agent serves can, and
   * if none is linked, every participant. Consoles and simulations work in both.
   * @defaultValue 'closed'
   */
  remoteSession?: 'closed' | 'framework';
  /**
   * `true` shows the session in the inspector of `npx sightline inspect`; a function gets XState's
   * inspection events of every actor.
   * @defaultValue what `SIGHTLINE_INSPECT` says: an inspector's address, or `1`
   */
  inspect?: InspectOption;
}
