import { AsyncResource } from 'node:async_hooks';
import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { hearPlaybackReports } from '../internals/agents.ts';
import type { AvatarReport } from '../machines/avatar.types.ts';
import { within } from '../time-limit.ts';
import { type AvatarOption, type AvatarSessionLike, startAvatar } from './avatar-session.ts';
import type { Playback, SpeechOutput, Unconfirmed } from './playback.ts';
import { RoomVoice } from './room-voice.ts';
import { StableAudioOutput } from './stable-audio-output.ts';
import { CLEAR_BUFFER } from './worker/avatar-protocol.ts';

/** Times in ms. */
export interface SpeakerLimits {
  stopTimeoutMs: number;
  clearTimeoutMs: number;
  finishSlackMs: number;
  silentAfterMs: number;
}

export interface SpeakerDeps {
  session: voice.AgentSession;
  room: Room;
  avatar: AvatarOption;
  limits: SpeakerLimits;
  onUnconfirmed(what: Unconfirmed): void;
  onError(error: unknown): void;
}

/** Of the agent's voice, in Hz: what the framework's own output has. */
const SAMPLE_RATE = 24_000;

/** The avatar of a session, and the agent's own voice that stands in for it. */
export class Speaker {
  readonly #deps: SpeakerDeps;
  readonly #audio: StableAudioOutput;
  readonly #voice: RoomVoice;
  #avatar: AvatarSessionLike | undefined;
  #starting: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  #output: SpeechOutput | undefined;
  #identity: string | undefined;
  /** Plugins learn their job from the async context, and events of the room come without it. */
  readonly #inJob = AsyncResource.bind(<T>(work: () => T): T => work());

  constructor(deps: SpeakerDeps) {
    this.#deps = deps;
    this.#audio = new StableAudioOutput({
      ...deps.limits,
      sampleRate: SAMPLE_RATE,
      onUnconfirmed: deps.onUnconfirmed,
    });
    this.#voice = new RoomVoice(deps.room, SAMPLE_RATE, deps.onError);
  }

  /** What the agent session speaks into, from its start to its end. */
  get audio(): voice.AudioOutput {
    return this.#audio;
  }

  /** What is played now. */
  get playback(): Playback | undefined {
    return this.#audio.playback;
  }

  /** Identity that the avatar joins as; `undefined` where its plugin does not tell. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Lets the one speak that the machine says. */
  report(report: AvatarReport): void {
    const heardUntil = report.type === 'avatar.lost' ? (report.heardUntil ?? undefined) : undefined;
    if (report.type === 'avatar.shown') this.#showAvatar();
    else if (this.#audio.kind !== 'voice') this.#audio.swapNow(this.#voice.open(), heardUntil);
  }

  /** Ends all that costs money. Never throws. */
  async close(): Promise<void> {
    const { onError, limits } = this.#deps;
    const late = () => new Error('the avatar did not stop in time');
    await Promise.all([
      within(limits.stopTimeoutMs, this.stop(), late).catch(onError),
      this.#voice.close(),
    ]);
  }

  #showAvatar(): void {
    const output = this.#output;
    if (!output) return;
    const takeVoiceBack = () => void this.#voice.close();
    this.#audio.swapAtNextSegment(output, takeVoiceBack);
  }

  /** Has the provider send it. @throws AvatarError; whatever the plugin throws. */
  async start(): Promise<void> {
    const { avatar, session, room } = this.#deps;
    const started = typeof avatar === 'function' ? avatar() : avatar;
    this.#avatar = started;
    this.#stopping = undefined;
    const starting = this.#inJob(() => startAvatar(started, session, room));
    this.#starting = starting;
    const output = await starting;
    if (this.#avatar !== started) return;
    this.#output = this.#outputOf(output);
    this.#identity = identityOf(started, output);
    if (this.#identity) await hearPlaybackReports(output, room, this.#identity);
  }

  /** Idempotent until the next start. One that is still starting is ended as soon as it has. */
  stop(): Promise<void> {
    const avatar = this.#avatar;
    this.#output = undefined;
    if (!avatar) return this.#stopping ?? Promise.resolve();
    this.#avatar = undefined;
    const end = () => this.#inJob(async () => avatar.aclose?.());
    const starting = this.#starting;
    let hasStarted = false;
    const mark = () => {
      hasStarted = true;
    };
    void starting.then(mark, mark);
    this.#stopping = Promise.resolve().then(async () => {
      await end();
      // Its provider may say yes only now: that one costs money as well.
      if (!hasStarted) void starting.then(end).catch(this.#deps.onError);
    });
    return this.#stopping;
  }

  #outputOf(output: voice.AudioOutput): SpeechOutput {
    const { onError } = this.#deps;
    return {
      kind: 'avatar',
      output,
      clear: () => this.#clear(output).catch(onError),
    };
  }

  /** The framework's output asks for it without a limit, and lets a refusal end the process. */
  async #clear(output: voice.AudioOutput): Promise<void> {
    const identity = this.#identity;
    const { room, limits } = this.#deps;
    if (output.constructor.name !== 'DataStreamAudioOutput' || identity === undefined)
      return output.clearBuffer();
    await room.localParticipant?.performRpc({
      destinationIdentity: identity,
      method: CLEAR_BUFFER,
      payload: '',
      responseTimeout: limits.clearTimeoutMs,
    });
  }
}

/** The framework's class says `unknown` for a plugin that does not tell: Beyond Presence's 1.4.2. */
function identityOf(avatar: AvatarSessionLike, output: voice.AudioOutput): string | undefined {
  const { avatarIdentity } = avatar;
  if (avatarIdentity !== undefined && avatarIdentity !== 'unknown') return avatarIdentity;
  const { destinationIdentity } = output as { destinationIdentity?: unknown };
  return typeof destinationIdentity === 'string' ? destinationIdentity : undefined;
}
