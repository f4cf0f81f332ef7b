import { isRoom, type VideoRoom } from '../actors/video-room.ts';
import type { AvatarOption } from '../avatar/avatar-session.ts';
import { object, oneOf } from '../checks.ts';
import {
  AVATAR_LIMITS,
  BUDGET,
  INPUT,
  LIMITS,
  REALTIME,
  RECONNECT,
  SCREEN_IMAGE,
  SESSION,
  TURN,
} from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { checkedPicture, type EncodeOptions } from '../frames/encode-options.ts';
import { inspectOption } from '../inspect/inspection.ts';
import { PictureDescriber } from '../models/describe-pictures.ts';
import { type Filled, filled } from '../option-table.ts';
import { type CheckedProcessor, checkedProcessors } from '../processors/video-processor.ts';
import { isMakerOfSamplers } from '../sampling/makers.ts';
import type { Sampler } from '../sampling/sampler.ts';
import { voiceActivitySampler } from '../sampling/samplers.ts';
import type { SamplingMode, SourceSelector } from '../source.ts';
import type {
  InputImageOptions,
  ReconnectOptions,
  VideoInputOptions,
  VideoSessionOptions,
} from './options.ts';

/** The options with every default filled in. */
export interface ResolvedOptions extends Filled<typeof SESSION> {
  room: VideoRoom;
  inspect: ReturnType<typeof inspectOption>;
  /** `null` if only `setAvatar` may bring an avatar. */
  avatar: AvatarOption | null | undefined;
  input: Filled<typeof INPUT> & {
    /** One source actor for each. */
    sources: readonly [SourceSelector, ...SourceSelector[]];
    sampler: Sampler;
    /** The options that the user set; the model's own values apply to the rest. */
    image: EncodeOptions;
    /** The same for a shared screen. */
    screenImage: EncodeOptions;
    /** Most tiles of a shared screen; `undefined` for none. */
    screenTiles: number | undefined;
    budget: Filled<typeof BUDGET>;
    processors: readonly CheckedProcessor[];
    describe: PictureDescriber | undefined;
  };
  turn: Filled<typeof TURN> & { image: EncodeOptions };
  realtime: Filled<typeof REALTIME> & { reconnect: Filled<typeof RECONNECT> };
  avatarLimits: Filled<typeof AVATAR_LIMITS>;
  limits: Filled<typeof LIMITS>;
}

/**
 * Checks the options and fills in the defaults.
 * @throws OptionError that names the option, its value and the remedy.
 */
export function resolveOptions(options: VideoSessionOptions): ResolvedOptions {
  const { room, input = {}, turn = {} } = options ?? {};
  if (!room || typeof room.on !== 'function' || !(room.remoteParticipants instanceof Map))
    throw new OptionError('room', room, 'pass the room of the job, ctx.room');
  object('input', input);
  object('turn', turn);
  const { control, remoteSession } = filled('', options, SESSION);
  if (control === 'participant' && !isRoom(room))
    throw new OptionError('room', room, 'control needs a real room of rtc-node, ctx.room');
  const sources = sourcesOption(input);
  const keepPictures = turn.keepPictures ?? sources.length;
  return {
    room,
    control,
    remoteSession,
    inspect: inspectOption(options.inspect),
    avatar: avatarOption(options.avatar, room),
    input: {
      ...filled('input', input, INPUT),
      sources,
      sampler: samplerOption(input.sampler ?? voiceActivitySampler()),
      ...imageOptions(input.image ?? {}),
      budget: filled('input.budget', input.budget, BUDGET),
      processors: checkedProcessors('input.processors', input.processors ?? []),
      describe: describerOption(input.describe),
    },
    turn: {
      ...filled('turn', { ...turn, keepPictures }, TURN),
      image: checkedPicture('turn.image', turn.image ?? {}),
    },
    realtime: {
      ...filled('realtime', options.realtime, REALTIME),
      reconnect: reconnectOption(options.realtime?.reconnect),
    },
    avatarLimits: filled('avatarLimits', options.avatarLimits, AVATAR_LIMITS),
    limits: filled('limits', options.limits, LIMITS),
  };
}

/** @throws OptionError if it is not a mode. */
export const checkMode = (option: string, value: SamplingMode): SamplingMode =>
  INPUT.mode.check(option, value);

/** @throws OptionError if it is not a selector. */
export function checkSelector(option: string, value: SourceSelector): SourceSelector {
  if (typeof value === 'string')
    return oneOf<'latest' | 'camera' | 'screen'>(option, value, ['latest', 'camera', 'screen']);
  const { trackSid, identity, source, ...more }: Record<string, unknown> = { ...value };
  const names = [trackSid, identity].filter((name) => name !== undefined);
  const isKind = source === undefined || source === 'camera' || source === 'screen';
  const isOne = names.length === 1 && typeof names[0] === 'string' && names[0] !== '';
  if (isOne && isKind && Object.keys(more).length === 0 && !(trackSid && source))
    // A copy, which a later change of the caller's object does not reach.
    return trackSid
      ? { trackSid: String(trackSid) }
      : { identity: String(identity), ...(source && { source }) };
  throw new OptionError(
    option,
    value,
    "use 'latest', 'camera', 'screen', { trackSid: '...' } or { identity: '...', source?: 'camera' | 'screen' }",
  );
}

/** With 0 attempts, the plugin manages its connections. */
function reconnectOption(value: ReconnectOptions | false | undefined): Filled<typeof RECONNECT> {
  const reconnect = filled('realtime.reconnect', value || undefined, RECONNECT);
  return value === false ? { ...reconnect, attempts: 0 } : reconnect;
}

function imageOptions(value: InputImageOptions) {
  object('input.image', value, 'give the options of encodeFrame');
  const { screen = {}, ...image } = value;
  object('input.image.screen', screen, 'give the options of encodeFrame');
  const { tiles, ...screenImage } = screen;
  return {
    image: checkedPicture('input.image', image),
    screenImage: checkedPicture('input.image.screen', screenImage),
    screenTiles: SCREEN_IMAGE.tiles.check('input.image.screen.tiles', tiles),
  };
}

/** The followed sources: one or several. */
function sourcesOption({
  source,
  sources,
}: VideoInputOptions): readonly [SourceSelector, ...SourceSelector[]] {
  if (sources === undefined) return [checkSelector('input.source', source ?? 'latest')];
  if (source !== undefined)
    throw new OptionError('input.sources', sources, 'give input.source or input.sources, not both');
  const [first, ...others] = Array.isArray(sources) ? sources : [];
  const isRight = (one: unknown) => one === 'camera' || one === 'screen';
  if (!isRight(first) || !others.every(isRight) || new Set(sources).size < sources.length)
    throw new OptionError('input.sources', sources, "use 'camera' and 'screen', each once");
  return [first, ...others];
}

function describerOption(value: PictureDescriber | undefined): PictureDescriber | undefined {
  if (value === undefined || value instanceof PictureDescriber) return value;
  throw new OptionError('input.describe', value, 'use describePictures({ llm })');
}

function samplerOption(value: Sampler): Sampler {
  if (isMakerOfSamplers(value))
    throw new OptionError('input.sampler', value, `call it, ${value.name}(), to get a sampler`);
  if (typeof value === 'function') return value;
  throw new OptionError('input.sampler', value, 'use voiceActivitySampler() or a function');
}

/** @throws OptionError if it is neither an avatar nor `null`. */
export function checkAvatar(value: AvatarOption | null): AvatarOption | null {
  if (value !== null && typeof value !== 'function' && typeof value?.start !== 'function')
    throw new OptionError(
      'avatar',
      value,
      'give an AvatarSession, a function that makes one, or null',
    );
  return value;
}

/** An avatar needs a real room to join. */
function avatarOption(value: VideoSessionOptions['avatar'], room: VideoRoom) {
  if (value === undefined) return undefined;
  checkAvatar(value);
  if (!isRoom(room))
    throw new OptionError('room', room, 'an avatar needs a real room of rtc-node, ctx.room');
  return value;
}
