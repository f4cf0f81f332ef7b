import { AsyncResource } from 'node:async_hooks';
import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { AvatarError } from '../errors.ts';
import { streamSettingsOf } from '../internals/agents.ts';
import { doneWithin } from '../time-limit.ts';
import {
  type AvatarOption,
  type AvatarSessionLike,
  onExitOf,
  startAvatar,
} from './avatar-session.ts';
import { AvatarStreamOutput } from './avatar-stream-output.ts';
import type { SpeechOutput } from './speech-output.ts';

export interface AvatarProviderDeps {
  session: voice.AgentSession;
  room: Room;
  limits: { startTimeoutMs: number; clearTimeoutMs: number };
  onError(error: unknown): void;
  /** The avatar's process ended by itself. */
  onExit(reason: string): void;
}

/** One attempt to start an avatar. */
interface Attempt {
  avatar: AvatarSessionLike;
  /** The promise of the plugin's `start`. */
  starting: Promise<unknown>;
  hasSettled: boolean;
  stopHearingExit(): void;
}

/** Starts and stops a session's avatars, one at a time. */
export class AvatarProvider {
  /** The avatar that is started next; `null` for none. */
  avatar: AvatarOption | null;
  readonly #deps: AvatarProviderDeps;
  /** Identifies the current start; each start has a new object. */
  #current: object | undefined;
  #attempt: Attempt | undefined;
  #stopping: Promise<void> | undefined;
  /** The previous avatar: when its start settled, and when it was stopped completely. */
  #earlier:
    | { avatar: AvatarSessionLike; settled: Promise<unknown>; over: Promise<unknown> }
    | undefined;
  #output: SpeechOutput | undefined;
  #identity: string | undefined;
  /** Plugins find their job in the async context, which events of the room do not have. */
  readonly #inJob = AsyncResource.bind(<T>(work: () => T): T => work());

  constructor(avatar: AvatarOption | null, deps: AvatarProviderDeps) {
    this.avatar = avatar;
    this.#deps = deps;
  }

  /** The audio output of the running avatar. */
  get output(): SpeechOutput | undefined {
    return this.#output;
  }

  /** Identity that the avatar joins as; `undefined` if its plugin does not expose it. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Starts the provider's avatar. @throws AvatarError; any error of the plugin. */
  async start(): Promise<void> {
    const token = {};
    this.#current = token;
    this.#stopping = undefined;
    const { avatar: option } = this;
    if (!option) throw new AvatarError('closed', 'no avatar is set');
    await this.#earlierIsOver(option);
    if (this.#current !== token) throw endedEarly();
    const { session, room } = this.#deps;
    const avatar = typeof option === 'function' ? option() : option;
    const starting = this.#inJob(() => startAvatar(avatar, session, room));
    const attempt: Attempt = {
      avatar,
      starting,
      hasSettled: false,
      stopHearingExit: onExitOf(avatar, this.#deps.onExit),
    };
    const settle = () => {
      attempt.hasSettled = true;
    };
    starting.then(settle, settle);
    this.#attempt = attempt;
    const output = await starting;
    const speech = await this.#speechOutputOf(output);
    if (this.#current !== token) {
      speech.close();
      throw endedEarly();
    }
    this.#output = speech;
    this.#identity = identityOf(avatar, output);
  }

  /**
   * Stops the avatar. An avatar that is still starting is stopped afterwards. Idempotent until the
   * next start.
   */
  stop(): Promise<void> {
    this.#current = undefined;
    this.#output?.close();
    this.#output = undefined;
    const attempt = this.#attempt;
    if (!attempt) return this.#stopping ?? Promise.resolve();
    this.#attempt = undefined;
    attempt.stopHearingExit();
    const end = () => this.#inJob(async () => attempt.avatar.aclose?.());
    const stopping = Promise.resolve().then(end);
    // The provider may finish its start only now, and that avatar costs money too.
    const late = attempt.hasSettled
      ? Promise.resolve()
      : attempt.starting.then(end, () => {}).catch(this.#deps.onError);
    this.#stopping = stopping;
    this.#earlier = {
      avatar: attempt.avatar,
      settled: attempt.starting.catch(() => {}),
      over: Promise.allSettled([stopping, late]),
    };
    return stopping;
  }

  /**
   * Waits for the previous attempt: stopping it late would stop the next one too, if both share an
   * object or an identity. The wait for its stop is limited to half of a start's time.
   */
  async #earlierIsOver(option: AvatarOption): Promise<void> {
    const { avatar, settled, over } = this.#earlier ?? {};
    if (avatar === option) await settled;
    await doneWithin(this.#deps.limits.startTimeoutMs / 2, over);
  }

  async #speechOutputOf(output: voice.AudioOutput): Promise<SpeechOutput> {
    const { room, limits, onError } = this.#deps;
    const settings = streamSettingsOf(output);
    const stream = settings
      ? await AvatarStreamOutput.open({
          ...settings,
          room,
          clearTimeoutMs: limits.clearTimeoutMs,
          onError,
        })
      : output instanceof AvatarStreamOutput
        ? output
        : undefined;
    return {
      kind: 'avatar',
      output: stream ?? output,
      reportsStart: stream?.waitPlaybackStart ?? true,
      reportsEnd: true,
      clear: () => {
        (stream ?? output).clearBuffer();
        // Without a flush, the next segment would be joined to this one.
        (stream ?? output).flush();
        return stream?.cleared ?? Promise.resolve(false);
      },
      close: () => stream?.close(),
    };
  }
}

const endedEarly = () => new AvatarError('closed', 'the avatar was stopped before it had started');

/**
 * The framework's class reports `unknown` if the plugin sets no identity: Beyond Presence's 1.4.2.
 */
function identityOf(avatar: AvatarSessionLike, output: voice.AudioOutput): string | undefined {
  const { avatarIdentity } = avatar;
  if (avatarIdentity !== undefined && avatarIdentity !== 'unknown') return avatarIdentity;
  return streamSettingsOf(output)?.destinationIdentity;
}
