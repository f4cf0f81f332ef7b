import type { VideoRoom } from '../actors/video-room.ts';
import type { AvatarOption } from '../avatar/avatar-session.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { InspectOption } from '../inspect/inspection.ts';
import type { PictureDescriber } from '../models/describe-pictures.ts';
import type { RealtimeSinkOptions } from '../models/realtime-sink.ts';
import type { AnyProcessor } from '../processors/video-processor.ts';
import type { FrameBudgetOptions } from '../sampling/frame-budget.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { SamplingMode, SourceSelector } from '../source.ts';

/** Size and format of the pictures of a shared screen. */
export interface ScreenImageOptions extends EncodeOptions {
  /**
   * Most tiles of a screen that one picture shows only scaled down, 2 to 9. The model then gets an
   * overview inside 1024x1024, and the whole screen in its own pixels, in parts with labels. It
   * gets one picture if that needs no scaling, and in a turn if overview and tiles exceed
   * `turn.maxBytes`. For pipelines and OpenAI Realtime; GPT-Live and Gemini Live get one picture.
   * @defaultValue none
   */
  tiles?: number | undefined;
}

/** Size and format of what a model gets. */
export interface InputImageOptions extends EncodeOptions {
  /**
   * The same for pictures of a shared screen, in turns too. It overrides `input.image` and the
   * options of `turn`.
   * @defaultValue inside 1366x1366 for OpenAI Realtime; inside 1568x1568 in a turn, if
   * `createLookTool` was called for the session; otherwise as for a camera
   */
  screen?: ScreenImageOptions;
}

/** Which video is watched, and how. Times are in ms. */
export interface VideoInputOptions {
  /**
   * The track to watch: the newest of the linked participant (`latest`), its newest `camera` or
   * `screen`, or one `{ trackSid }` or `{ identity }`, linked or not.
   * @defaultValue 'latest'
   */
  source?: SourceSelector;
  /**
   * Several sources at once, instead of `source`. Each has its own stream and rate, and is labelled
   * for the model. `look()` and `latestFrame()` use the first one by default.
   * @defaultValue only `source`
   */
  sources?: readonly ('camera' | 'screen')[];
  /**
   * `off`, `onDemand` or `sampled`. `setMode` changes it at run time.
   * @defaultValue 'sampled'
   */
  mode?: SamplingMode;
  /**
   * When a realtime model gets a frame. Turns of a pipeline get their picture in any case.
   * @defaultValue `voiceActivitySampler()`: 1 frame per second while the user speaks, else 1 frame
   * in 3 s
   */
  sampler?: Sampler;
  /**
   * Size and format of the frames for a realtime model. The model's own values apply to what is not
   * set.
   * @defaultValue for Gemini and OpenAI JPEG, quality 75, fitted inside 1024x1024 without enlarging
   */
  image?: InputImageOptions;
  /**
   * Upper limits of what a realtime model gets. The rate while the user is silent slows down first,
   * then the rate while the user speaks.
   * @defaultValue none
   */
  budget?: FrameBudgetOptions;
  /**
   * What each frame passes before anything uses it: the model, `look()`, `latestFrame()`, a watch,
   * samplers, the inspector. A frame that a processor withholds does not exist for them.
   * `setProcessors` changes them at run time.
   * @defaultValue none
   */
  processors?: readonly AnyProcessor[];
  /**
   * Eyes for a chat model that takes text only: {@link describePictures}. A model that takes
   * pictures gets the pictures.
   * @defaultValue none
   */
  describe?: PictureDescriber;
  /**
   * When a source ends (off, muted, no longer shared, gone), a realtime model gets one note about
   * it, and its pictures are deleted from OpenAI's conversation. `false` keeps them there.
   * @defaultValue true
   */
  honest?: boolean;
  /**
   * Saves bandwidth: if samples of a camera are 2 s or more apart, the server stops sending its
   * video between them. Use it only if no other reader in this process needs the track, because it gets no frames
   * meanwhile.
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
   * A camera frame older than this is not attached, in ms. A screen's newest frame is always
   * attached, because screens send frames only when something changes.
   * @defaultValue 3000
   */
  maxFrameAgeMs?: number;
  /**
   * A turn never waits longer than this for its picture, in ms.
   * @defaultValue 150
   */
  attachBudgetMs?: number;
  /**
   * Most pictures in a request, including those of this turn. With the next turn, a line of text
   * replaces each older one. With 0, only the current turn has pictures.
   * @defaultValue 1, or the number of `input.sources`
   */
  keepPictures?: number;
  /**
   * Pictures of each source per turn, including the newest, spread over the time in which the user
   * spoke. Use it for motion. The history keeps `keepPictures` of them.
   * @defaultValue 1
   */
  pictures?: number;
  /**
   * Most bytes of all pictures of a turn; the earliest pictures are dropped first.
   * @defaultValue 4000000
   */
  maxBytes?: number;
  /**
   * Largest width of the picture in pixels. The picture is fitted inside, and keeps its aspect
   * ratio. Width or height alone is enough.
   * @defaultValue 2048, if neither this nor `inferenceHeight` is set
   */
  inferenceWidth?: number;
  /**
   * Largest height of the picture in pixels.
   * @defaultValue 2048, if neither this nor `inferenceWidth` is set
   */
  inferenceHeight?: number;
  /**
   * How closely the model should look; passed to the model unchanged.
   * @defaultValue 'auto'
   */
  detail?: 'auto' | 'high' | 'low';
  /**
   * Format, quality and size of the picture.
   * @defaultValue JPEG, quality 75, fitted inside 2048x2048 without enlarging
   */
  image?: EncodeOptions;
}

/** How a realtime model's connection is restored after it was lost or refused. */
export interface ReconnectOptions {
  /**
   * Attempts in a row before the agent session ends with the error.
   * @defaultValue 8
   */
  attempts?: number;
  /**
   * First pause between two attempts; doubles each time, up to 8 s.
   * @defaultValue 250
   */
  retryBaseMs?: number;
}

export interface RealtimeOptions extends RealtimeSinkOptions {
  /**
   * `false` leaves connections to the plugin: Google's plugin ends the agent with the first lost
   * connection, OpenAI's with the first refused one.
   */
  reconnect?: ReconnectOptions | false;
}

/** Limits of an avatar, and when the agent speaks without it. Times are in ms. */
export interface AvatarLimits {
  /**
   * How long the plugin's `start()` may take before the agent continues without the avatar.
   * @defaultValue 10000
   */
  startTimeoutMs?: number;
  /**
   * How long the avatar may take to join with its video before the agent continues without it.
   * @defaultValue 15000
   */
  joinTimeoutMs?: number;
  /**
   * Failed attempts in a row before the agent stays without an avatar.
   * @defaultValue 5
   */
  maxAttempts?: number;
  /**
   * First pause before another attempt; doubles each time, up to 30 s.
   * @defaultValue 1000
   */
  retryBaseMs?: number;
  /**
   * How long the avatar stays after the user has left.
   * @defaultValue 20000
   */
  graceMs?: number;
  /**
   * How long an avatar may take to begin a speech segment before the agent speaks it itself.
   * @defaultValue 3000
   */
  playbackStartTimeoutMs?: number;
  /**
   * An avatar that sends no audio for this long while the agent's speech is loud counts as lost.
   * @defaultValue 450
   */
  silentAfterMs?: number;
  /**
   * How long after the end of its audio an avatar may take to report that it played a segment.
   * @defaultValue 3000
   */
  finishSlackMs?: number;
  /**
   * How long an avatar may take to confirm an interruption.
   * @defaultValue 1000
   */
  clearTimeoutMs?: number;
}

export interface VideoSessionOptions {
  /** The job's room: `ctx.room`. */
  room: VideoRoom;
  input?: VideoInputOptions;
  turn?: TurnOptions;
  /**
   * An avatar session of any provider, or a function that creates one. Some providers' sessions
   * start only once; with a function these avatars can return. `null`: no avatar until `setAvatar`.
   */
  avatar?: AvatarOption | null;
  /** Limits of the avatar. */
  avatarLimits?: AvatarLimits;
  /**
   * How many frames a realtime model keeps in its conversation, and how its connection is restored.
   */
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
   * `participant`: the participant that the agent serves may switch the video with the RPC
   * `sightline.mode`, and an attribute of that name shows the mode to everyone in the room. See
   * `sightline/client`.
   * @defaultValue 'none'
   */
  control?: 'participant' | 'none';
  /**
   * Who may use the framework's remote session `lk.agent.session`. `closed`: no participant, so
   * none can read the agent's instructions and history, or make it answer. `framework`: the
   * participant that the agent serves, or every participant if none is linked. Consoles and
   * simulations work in both cases.
   * @defaultValue 'closed'
   */
  remoteSession?: 'closed' | 'framework';
  /**
   * `true` shows the session in the inspector of `npx sightline inspect`. A function gets XState's
   * inspection events of every actor.
   * @defaultValue the value of `SIGHTLINE_INSPECT`: an inspector's URL, or `1`
   */
  inspect?: InspectOption;
}
