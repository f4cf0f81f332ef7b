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

/** One avatar that was asked for. */
interface Attempt {
  avatar: AvatarSessionLike;
  /** What its plugin's `start` gives. */
  starting: Promise<unknown>;
  hasSettled: boolean;
  stopHearingExit(): void;
}

/** Asks for the avatars of a session and ends them: one at a time, whatever a provider does. */
export class AvatarProvider {
  /** What is started next; `null` for none. */
  avatar: AvatarOption | null;
  readonly #deps: AvatarProviderDeps;
  /** The start that is under way or done; another one has another token. */
  #current: object | undefined;
  #attempt: Attempt | undefined;
  #stopping: Promise<void> | undefined;
  /** The avatar before: when its start has settled, and when all of it has ended. */
  #earlier:
    | { avatar: AvatarSessionLike; settled: Promise<unknown>; over: Promise<unknown> }
    | undefined;
  #output: SpeechOutput | undefined;
  #identity: string | undefined;
  /** Plugins learn their job from the async context, and events of the room come without it. */
  readonly #inJob = AsyncResource.bind(<T>(work: () => T): T => work());

  constructor(avatar: AvatarOption | null, deps: AvatarProviderDeps) {
    this.avatar = avatar;
    this.#deps = deps;
  }

  /** What the avatar that runs speaks. */
  get output(): SpeechOutput | undefined {
    return this.#output;
  }

  /** Identity that the avatar joins as; `undefined` if its plugin does not tell. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Has the provider send it. @throws AvatarError; whatever the plugin throws. */
  async start(): Promise<void> {
    const token = {};
    this.#current = token;
    this.#stopping = undefined;
    const { avatar: option } = this;
    if (!option) throw new AvatarError('closed', 'there is no avatar to start');
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

  /** Idempotent until the next start. One that is still starting is ended as soon as it has. */
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
    // Its provider may say yes only now: that one costs money as well.
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
   * The end of an attempt that is late would end the next one: of the same object surely, of
   * another one if both join by the same identity. An end is waited for half of a start's time.
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
      clear: () => {
        (stream ?? output).clearBuffer();
        // An end that nobody flushes joins the next segment to this one.
        (stream ?? output).flush();
      },
      close: () => stream?.close(),
    };
  }
}

const endedEarly = () =>
  new AvatarError('closed', 'the avatar was ended before it had been started');

/** The framework's class says `unknown` for a plugin that does not tell: Beyond Presence's 1.4.2. */
function identityOf(avatar: AvatarSessionLike, output: voice.AudioOutput): string | undefined {
  const { avatarIdentity } = avatar;
  if (avatarIdentity !== undefined && avatarIdentity !== 'unknown') return avatarIdentity;
  return streamSettingsOf(output)?.destinationIdentity;
}
