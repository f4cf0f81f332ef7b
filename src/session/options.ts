import { isRoom, type VideoRoom } from '../actors/video-room.ts';
import type { AvatarOption } from '../avatar/avatar-session.ts';
import { OptionError } from '../errors.ts';
import { checkedOptions, type EncodeOptions, MODEL_IMAGE } from '../frames/encode-options.ts';
import { type InspectOption, inspectOption } from '../inspect/inspection.ts';
import type { RealtimeSinkOptions } from '../models/realtime-sink.ts';
import type { FrameBudgetOptions } from '../sampling/frame-budget.ts';
import { type Sampler, voiceActivitySampler } from '../sampling/samplers.ts';
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
   * Size and format of the frames that a realtime model gets.
   * @defaultValue JPEG, quality 75, fitted inside 1024x1024 without enlarging
   */
  image?: EncodeOptions;
  /**
   * Upper limits of what a realtime model gets; the idle rate slows first, then the speaking one.
   * @defaultValue none
   */
  budget?: FrameBudgetOptions;
  /**
   * `pause`: between samples that are 2 s or more apart the video is switched off at the server,
   * and on again shortly before the next one. `keep`: it is always sent.
   * @defaultValue 'pause'
   */
  idleSubscription?: 'pause' | 'keep';
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
   * A frame older than this is not attached, in ms.
   * @defaultValue 3000
   */
  maxFrameAgeMs?: number;
  /**
   * A turn never waits longer than this for its picture, in ms.
   * @defaultValue 150
   */
  attachBudgetMs?: number;
  /**
   * Pictures that a request may hold, this turn's included. Older ones become a line of text. With
   * 0 the history keeps none, and each turn still carries its own.
   * @defaultValue 1, or as many as there are `input.sources`
   */
  keepImages?: number;
  /**
   * Pictures of each source, spread over the time that the user spoke, the newest included: for
   * what moves. The history keeps `keepImages` of them.
   * @defaultValue 1
   */
  frames?: number;
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
  inferenceDetail?: 'auto' | 'high' | 'low';
  /**
   * Format, quality and size of the picture.
   * @defaultValue JPEG, quality 75, native size
   */
  image?: EncodeOptions;
}

/** How an avatar comes, and what happens where it does not. Times are in ms. */
export interface FaceOptions {
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
   * The agent's face: an avatar session of any provider, or a function that makes one. With a
   * function also those that start only once can come back.
   */
  avatar?: AvatarOption;
  /** Limits of the avatar. */
  face?: FaceOptions;
  /** How frames are kept in the conversation of a realtime model. */
  realtime?: RealtimeSinkOptions;
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
   * `true` shows the session in the inspector of `npm run inspect`; a function gets XState's
   * inspection events of every actor.
   * @defaultValue what `SIGHTLINE_INSPECT` says: an inspector's address, or `1`
   */
  inspect?: InspectOption;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  room: VideoRoom;
  control: 'participant' | 'none';
  inspect: ReturnType<typeof inspectOption>;
  input: Omit<Required<VideoInputOptions>, 'source' | 'sources'> & {
    /** One view each. */
    sources: readonly [SourceSelector, ...SourceSelector[]];
  };
  realtime: Required<RealtimeSinkOptions>;
  turn: {
    maxFrameAgeMs: number;
    attachBudgetMs: number;
    keepImages: number;
    frames: number;
    maxBytes: number;
    inferenceDetail: 'auto' | 'high' | 'low';
    inferenceWidth: number | undefined;
    inferenceHeight: number | undefined;
    image: EncodeOptions;
  };
  avatar: AvatarOption | undefined;
  face: Required<FaceOptions>;
  limits: { connectTimeoutMs: number; startTimeoutMs: number; closeTimeoutMs: number };
}

/**
 * Checks the options and fills in the defaults.
 * @throws OptionError that names the option, its value and the remedy.
 */
export function resolveOptions(options: VideoSessionOptions): ResolvedOptions {
  const { room, input = {}, turn = {}, realtime = {}, face = {}, limits = {} } = options ?? {};
  if (!room || typeof room.on !== 'function' || !(room.remoteParticipants instanceof Map))
    throw new OptionError('room', room, 'pass the room of the job, ctx.room');
  const sources = sourcesOption(input);
  return {
    room,
    control: control(options.control ?? 'none', room),
    inspect: inspectOption(options.inspect),
    input: {
      sources,
      mode: mode('input.mode', input.mode ?? 'sampled'),
      sampler: samplerOption(input.sampler ?? voiceActivitySampler()),
      image: { ...MODEL_IMAGE, ...image('input.image', input.image ?? {}) },
      budget: {
        ...optionalLimit('framesPerMinute', input.budget?.framesPerMinute),
        ...optionalLimit('bytesPerMinute', input.budget?.bytesPerMinute),
      },
      idleSubscription: oneOf('input.idleSubscription', input.idleSubscription ?? 'pause', [
        'pause',
        'keep',
      ]),
      stallAfterMs: number('input.stallAfterMs', input.stallAfterMs ?? 5000, 100, 3_600_000),
      lookTimeoutMs: number('input.lookTimeoutMs', input.lookTimeoutMs ?? 2000, 1, 600_000),
    },
    realtime: {
      keepFrames: integer('realtime.keepFrames', realtime.keepFrames ?? 3, 1, 1000),
      detail: oneOf('realtime.detail', realtime.detail ?? 'auto', ['auto', 'high', 'low']),
    },
    turn: {
      maxFrameAgeMs: number('turn.maxFrameAgeMs', turn.maxFrameAgeMs ?? 3000, 0, 86_400_000),
      attachBudgetMs: number('turn.attachBudgetMs', turn.attachBudgetMs ?? 150, 1, 60_000),
      keepImages: integer('turn.keepImages', turn.keepImages ?? sources.length, 0, 1000),
      frames: integer('turn.frames', turn.frames ?? 1, 1, 16),
      maxBytes: integer('turn.maxBytes', turn.maxBytes ?? 4_000_000, 1, Number.MAX_SAFE_INTEGER),
      inferenceDetail: oneOf('turn.inferenceDetail', turn.inferenceDetail ?? 'auto', [
        'auto',
        'high',
        'low',
      ]),
      inferenceWidth: optionalSide('turn.inferenceWidth', turn.inferenceWidth),
      inferenceHeight: optionalSide('turn.inferenceHeight', turn.inferenceHeight),
      image: image('turn.image', turn.image ?? {}),
    },
    avatar: avatar(options.avatar, room),
    face: {
      startTimeoutMs: faceLimit('startTimeoutMs', face.startTimeoutMs ?? 10_000),
      joinTimeoutMs: faceLimit('joinTimeoutMs', face.joinTimeoutMs ?? 15_000),
      maxAttempts: integer('face.maxAttempts', face.maxAttempts ?? 5, 1, 1000),
      retryBaseMs: faceLimit('retryBaseMs', face.retryBaseMs ?? 1000),
      graceMs: faceLimit('graceMs', face.graceMs ?? 20_000),
      silentAfterMs: faceLimit('silentAfterMs', face.silentAfterMs ?? 450),
      finishSlackMs: faceLimit('finishSlackMs', face.finishSlackMs ?? 3000),
      clearTimeoutMs: faceLimit('clearTimeoutMs', face.clearTimeoutMs ?? 1000),
    },
    limits: {
      connectTimeoutMs: limit('connectTimeoutMs', limits.connectTimeoutMs ?? 15_000),
      startTimeoutMs: limit('startTimeoutMs', limits.startTimeoutMs ?? 30_000),
      closeTimeoutMs: limit('closeTimeoutMs', limits.closeTimeoutMs ?? 5000),
    },
  };
}

/** What is followed: one source, or several. */
function sourcesOption({
  source,
  sources,
}: VideoInputOptions): readonly [SourceSelector, ...SourceSelector[]] {
  if (sources === undefined) return [selector('input.source', source ?? 'latest')];
  if (source !== undefined)
    throw new OptionError('input.sources', sources, 'give input.source or input.sources, not both');
  const [first, ...others] = Array.isArray(sources) ? sources : [];
  const isRight = (one: unknown) => one === 'camera' || one === 'screen';
  if (!isRight(first) || !others.every(isRight) || new Set(sources).size < sources.length)
    throw new OptionError('input.sources', sources, "use ['camera', 'screen'], each once");
  return [first, ...others];
}

/** @throws OptionError where it is none. */
export function mode(option: string, value: SamplingMode): SamplingMode {
  return oneOf(option, value, ['off', 'onDemand', 'sampled']);
}

/** @throws OptionError where it is none. */
export function selector(option: string, value: SourceSelector): SourceSelector {
  if (typeof value === 'string')
    return oneOf<'latest' | 'camera' | 'screen'>(option, value, ['latest', 'camera', 'screen']);
  const named = typeof value === 'object' && value !== null;
  const name = named && ('trackSid' in value ? value.trackSid : value.identity);
  if (typeof name === 'string' && name !== '') return value;
  throw new OptionError(
    option,
    value,
    "use 'latest', 'camera', 'screen', { trackSid: '...' } or { identity: '...' }",
  );
}

/** Checked when the session is made, not at the first turn. */
function image(option: string, value: EncodeOptions): EncodeOptions {
  if (typeof value !== 'object')
    throw new OptionError(option, value, 'give the options of encodeFrame');
  try {
    checkedOptions(value, undefined);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new OptionError(`${option}.${error.option}`, error.value, error.remedy);
  }
  return value;
}

const optionalLimit = (name: keyof FrameBudgetOptions, value: number | undefined) =>
  value === undefined
    ? {}
    : { [name]: number(`input.budget.${name}`, value, 1, Number.MAX_SAFE_INTEGER) };

function samplerOption(value: Sampler): Sampler {
  if (typeof value === 'function') return value;
  throw new OptionError('input.sampler', value, 'use voiceActivitySampler() or a function');
}

/** Attributes and calls are a real room's. */
function control(value: 'participant' | 'none', room: VideoRoom): 'participant' | 'none' {
  oneOf('control', value, ['participant', 'none']);
  if (value === 'participant' && !isRoom(room))
    throw new OptionError('room', room, 'control needs a real room of rtc-node, ctx.room');
  return value;
}

/** An avatar joins a real room. */
function avatar(value: AvatarOption | undefined, room: VideoRoom): AvatarOption | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'function' && typeof value?.start !== 'function')
    throw new OptionError('avatar', value, 'give an AvatarSession, or a function that makes one');
  if (!isRoom(room))
    throw new OptionError('room', room, 'an avatar needs a real room of rtc-node, ctx.room');
  return value;
}

const faceLimit = (name: string, value: number) => number(`face.${name}`, value, 1, 3_600_000);

const limit = (name: string, value: number) => number(`limits.${name}`, value, 1, 3_600_000);

const optionalSide = (option: string, value: number | undefined) =>
  value === undefined ? undefined : integer(option, value, 1, 16_383);

function number(option: string, value: number, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a number from ${min} to ${max}`);
}

function integer(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a whole number from ${min} to ${max}`);
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new OptionError(option, value, `use one of ${allowed.map((a) => `'${a}'`).join(', ')}`);
}
