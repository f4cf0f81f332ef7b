import { type Room, RoomEvent, RpcError, type RpcInvocationData } from '@livekit/rtc-node';
import type { Subscription } from 'xstate';
import { isRoom } from '../actors/video-room.ts';
import {
  ControlRefusal,
  isVideoMode,
  MAX_MODE_PAYLOAD,
  MODE_ATTRIBUTE,
  MODE_METHOD,
  type VideoMode,
} from '../client/control-protocol.ts';
import { within } from '../time-limit.ts';
import { ModeAnnouncement } from './mode-announcement.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { SessionActor } from './session-actor.ts';

export interface RemoteControlDeps {
  actor: SessionActor;
  /** The participant that the agent serves now. Only this one may switch the video. */
  linkedIdentity(): string | null;
  /** The attribute could not be written. */
  onError(error: unknown): void;
}

/** How long writing the attribute may take, in ms. */
const WRITE_LIMIT_MS = 1500;

/**
 * Shows everyone in the room whether the agent watches, and lets the participant that it serves
 * switch the video: an attribute and an RPC of the agent's participant.
 */
export class RemoteControl {
  readonly #room: Room;
  readonly #deps: RemoteControlDeps;
  readonly #announcement: ModeAnnouncement;
  #subscription: Subscription | undefined;

  private constructor(room: Room, deps: RemoteControlDeps) {
    this.#room = room;
    this.#deps = deps;
    this.#announcement = new ModeAnnouncement({
      mode: () => this.#mode,
      write: (mode) => this.#write(mode),
      onError: (error) => this.#failed(error),
    });
  }

  /** `undefined` if the options allow no remote control. */
  static of(
    { room, control }: Pick<ResolvedOptions, 'room' | 'control'>,
    deps: RemoteControlDeps,
  ): RemoteControl | undefined {
    return control === 'participant' && isRoom(room) ? new RemoteControl(room, deps) : undefined;
  }

  /** Starts to listen, in a connected room. */
  open(): void {
    if (this.#subscription) return;
    this.#room.localParticipant?.registerRpcMethod(MODE_METHOD, this.#onCall);
    this.#room.on(RoomEvent.Reconnected, this.#onReconnected);
    this.#subscription = this.#deps.actor.subscribe(() => this.#announcement.update());
    this.#announcement.update();
  }

  /** Removes the attribute: the session no longer watches. */
  async close(): Promise<void> {
    if (!this.#subscription) return;
    this.#subscription.unsubscribe();
    this.#subscription = undefined;
    this.#room.off(RoomEvent.Reconnected, this.#onReconnected);
    const announced = this.#announcement.close();
    if (!this.#room.isConnected) return;
    this.#room.localParticipant?.unregisterRpcMethod(MODE_METHOD);
    await announced;
    await this.#write('').catch((error: unknown) => this.#failed(error));
  }

  /** An `RpcError` reaches the caller unchanged. */
  readonly #onCall = async ({ callerIdentity, payload }: RpcInvocationData): Promise<string> => {
    // Checked first, so that a stranger learns nothing about valid payloads.
    if (callerIdentity !== this.#deps.linkedIdentity())
      throw new RpcError(
        ControlRefusal.notServed,
        'only the participant that this agent serves may switch its video',
      );
    if (payload.length > MAX_MODE_PAYLOAD)
      throw new RpcError(
        ControlRefusal.tooLarge,
        `the payload has ${payload.length} characters: at most ${MAX_MODE_PAYLOAD} are read`,
      );
    const mode = modeIn(payload);
    if (!mode)
      throw new RpcError(
        ControlRefusal.malformed,
        'send {"mode":"off"}; the modes are off, onDemand and sampled',
      );
    this.#deps.actor.send({ type: 'mode.set', mode });
    return JSON.stringify({ mode: this.#mode });
  };

  get #mode(): VideoMode {
    return this.#deps.actor.getSnapshot().context.mode;
  }

  /** After a reconnect, the written attribute may be lost. */
  readonly #onReconnected = () => this.#announcement.rewrite();

  async #write(mode: VideoMode | ''): Promise<void> {
    const participant = this.#room.localParticipant;
    if (!participant) throw new Error(`${MODE_ATTRIBUTE} was not written: the room was left`);
    const late = () => new Error(`${MODE_ATTRIBUTE} was not written within ${WRITE_LIMIT_MS} ms`);
    await within(WRITE_LIMIT_MS, participant.setAttributes({ [MODE_ATTRIBUTE]: mode }), late);
  }

  /** After the room was left, a failed write is no error. */
  #failed(error: unknown): void {
    if (this.#room.isConnected) this.#deps.onError(error);
  }
}

/** Accepts exactly `{ mode }`; any other field is refused. */
function modeIn(payload: string): VideoMode | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Object.keys(parsed).length !== 1)
    return undefined;
  return 'mode' in parsed && isVideoMode(parsed.mode) ? parsed.mode : undefined;
}
