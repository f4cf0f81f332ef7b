import type { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import type { AvatarReport } from '../machines/avatar.types.ts';
import { within } from '../time-limit.ts';
import { AvatarProvider } from './avatar-provider.ts';
import type { AvatarOption } from './avatar-session.ts';
import type { Playback, PlaybackFault, Unconfirmed } from './playback.ts';
import { RoomVoice } from './room-voice.ts';
import { LINGER_MS } from './speech-output.ts';
import { StableAudioOutput } from './stable-audio-output.ts';

/** Times in ms. */
export interface SpeakerLimits {
  startTimeoutMs: number;
  stopTimeoutMs: number;
  playbackStartTimeoutMs: number;
  clearTimeoutMs: number;
  finishSlackMs: number;
  silentAfterMs: number;
}

export interface SpeakerDeps {
  session: voice.AgentSession;
  room: Room;
  /** `null`: no avatar yet. */
  avatar: AvatarOption | null;
  limits: SpeakerLimits;
  onUnconfirmed(what: Unconfirmed): void;
  onError(error: unknown): void;
}

/** Sample rate of the agent's voice, in Hz: the same as that of the framework's own output. */
const SAMPLE_RATE = 24_000;

/** The avatar of a session, and the agent's own voice, which replaces it when it fails. */
export class Speaker {
  /** Called if the current avatar cannot continue. */
  onFault: (fault: PlaybackFault) => void = () => {};
  /** Called before the current avatar is stopped. */
  onStop: () => void = () => {};
  readonly limits: SpeakerLimits;
  readonly #deps: SpeakerDeps;
  readonly #audio: StableAudioOutput;
  readonly #voice: RoomVoice;
  readonly #provider: AvatarProvider;

  constructor(deps: SpeakerDeps) {
    const { session, room, limits, onError } = deps;
    this.#deps = deps;
    this.limits = limits;
    this.#audio = new StableAudioOutput({
      ...limits,
      sampleRate: SAMPLE_RATE,
      onUnconfirmed: deps.onUnconfirmed,
      onFault: (fault) => {
        if (this.#audio.kind === 'avatar') this.onFault(fault);
        else onError(new Error(`the agent's own voice: ${fault.reason}`));
      },
    });
    this.#voice = new RoomVoice(room, SAMPLE_RATE, onError);
    this.#provider = new AvatarProvider(deps.avatar, {
      ...{ session, room, limits, onError },
      onExit: (reason) => this.onFault({ reason, heardUntil: null }),
    });
  }

  /** The audio output of the agent session, from its start to its end. */
  get audio(): voice.AudioOutput {
    return this.#audio;
  }

  /** The current playback. */
  get playback(): Playback | undefined {
    return this.#audio.playback;
  }

  /** Identity that the avatar joins as; `undefined` if its plugin does not expose it. */
  get identity(): string | undefined {
    return this.#provider.identity;
  }

  /** The avatar of the next start; `null` for none. */
  set avatar(avatar: AvatarOption | null) {
    this.#provider.avatar = avatar;
  }

  /** Switches between avatar and voice as the machine reports. */
  report(report: AvatarReport): void {
    if (report.type === 'avatar.shown') this.#showAvatar();
    else if (report.type === 'avatar.dismissed')
      this.#audio.swapAtNextSegment(this.#voice.open(), () => {});
    else if (report.type === 'avatar.lost') this.#speakAsVoice(report.heardUntil ?? undefined);
    else this.#speakAsVoice();
  }

  /** Starts the provider's avatar. @throws AvatarError; any error of the plugin. */
  start(): Promise<void> {
    return this.#provider.start();
  }

  /** Stops the avatar. The agent's voice continues its segment. */
  stop(): Promise<void> {
    this.onStop();
    if (this.#audio.kind) this.#speakAsVoice();
    return this.#provider.stop();
  }

  /** Resolves when the avatar has finished its current segment. */
  async speechEnd(): Promise<void> {
    if (!(await this.#audio.untilPlayed('avatar'))) return;
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  }

  /** Stops everything that costs money. Never throws. */
  async close(): Promise<void> {
    const { onError, limits } = this.#deps;
    const late = () => new Error('the avatar did not stop in time');
    await Promise.all([
      within(limits.stopTimeoutMs, this.#provider.stop(), late).catch(onError),
      this.#voice.close(),
    ]);
  }

  #speakAsVoice(heardUntil?: number): void {
    this.#audio.swapNow(this.#voice.open(), heardUntil);
  }

  #showAvatar(): void {
    const { output } = this.#provider;
    if (output) this.#audio.swapAtNextSegment(output, () => this.#voice.closeIn(LINGER_MS));
  }
}
