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
  /** Whom the agent serves now: nobody else may switch it. */
  linkedIdentity(): string | null;
  /** The attribute could not be written. */
  onError(error: unknown): void;
}

/** How long the server may take to write the attribute, in ms. */
const WRITE_LIMIT_MS = 1500;

/**
 * Shows everybody in the room whether the agent watches, and lets the participant that it serves
 * switch it: an attribute and an RPC of the agent.
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

  /** `undefined` where the options let nobody switch it. */
  static of(
    { room, control }: Pick<ResolvedOptions, 'room' | 'control'>,
    deps: RemoteControlDeps,
  ): RemoteControl | undefined {
    return control === 'participant' && isRoom(room) ? new RemoteControl(room, deps) : undefined;
  }

  /** Listens, in a room that is connected. */
  open(): void {
    if (this.#subscription) return;
    this.#room.localParticipant?.registerRpcMethod(MODE_METHOD, this.#onCall);
    this.#room.on(RoomEvent.Reconnected, this.#onReconnected);
    this.#subscription = this.#deps.actor.subscribe(() => this.#announcement.update());
    this.#announcement.update();
  }

  /** Who is switched off by its end watches no more: the attribute goes. */
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

  /** Thrown as `RpcError`, a refusal reaches the caller as it is. */
  readonly #onCall = async ({ callerIdentity, payload }: RpcInvocationData): Promise<string> => {
    // First of all: a stranger learns nothing about what would be right.
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

  /** What was written while the connection was away may be lost. */
  readonly #onReconnected = () => this.#announcement.rewrite();

  async #write(mode: VideoMode | ''): Promise<void> {
    const participant = this.#room.localParticipant;
    if (!participant) throw new Error(`${MODE_ATTRIBUTE} was not written: the room was left`);
    const late = () => new Error(`${MODE_ATTRIBUTE} was not written within ${WRITE_LIMIT_MS} ms`);
    await within(WRITE_LIMIT_MS, participant.setAttributes({ [MODE_ATTRIBUTE]: mode }), late);
  }

  /** In a room that was left, a write that fails is no error. */
  #failed(error: unknown): void {
    if (this.#room.isConnected) this.#deps.onError(error);
  }
}

/** Exactly `{ mode }`: what says more is not understood, and so is refused. */
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
