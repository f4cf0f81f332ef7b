import { setTimeout as sleep } from 'node:timers/promises';
import { type Room, RoomEvent, RpcError } from '@livekit/rtc-node';
import { AvatarError } from '../../errors.ts';
import { messageOf } from '../../thrown.ts';
import { within } from '../../time-limit.ts';
import { type PLAYBACK_FINISHED, PLAYBACK_STARTED } from './avatar-protocol.ts';

/** How often and for how long a report is tried. Times are in ms. */
export interface ReportLimits {
  /** Most attempts to send a report. */
  attempts: number;
  /** How long the agent may take to answer. */
  responseTimeoutMs: number;
  /** How long a report waits for an agent that left the room. */
  absenceLimitMs: number;
}

interface Report {
  method: typeof PLAYBACK_STARTED | typeof PLAYBACK_FINISHED;
  payload: string;
}

/** Pause before the second attempt, in ms; later ones are longer. */
const RETRY_PAUSE_MS = 100;

/** rtc-node limits the agent's answer; this limit is for a call that never settles, in ms. */
const CALL_SLACK_MS = 10_000;

/**
 * Failures after which the agent cannot have received the report. After any other failure, a second
 * attempt might count a segment twice, and end the next one early.
 */
const NOT_DELIVERED: readonly number[] = [
  RpcError.ErrorCode.CONNECTION_TIMEOUT,
  RpcError.ErrorCode.SEND_FAILED,
  RpcError.ErrorCode.RECIPIENT_NOT_FOUND,
  // The agent has not registered the method yet.
  RpcError.ErrorCode.UNSUPPORTED_METHOD,
];

/** Sends playback reports to the agent, one at a time and in order. */
export class PlaybackReports {
  readonly #room: Room;
  readonly #limits: ReportLimits;
  readonly #recipient: () => string | undefined;
  readonly #onFault: (error: AvatarError) => void;
  readonly #closing = new AbortController();
  readonly #waiting: Report[] = [];
  #sending: Promise<void> | undefined;

  constructor(
    room: Room,
    limits: ReportLimits,
    recipient: () => string | undefined,
    onFault: (error: AvatarError) => void,
  ) {
    this.#room = room;
    this.#limits = limits;
    this.#recipient = recipient;
    this.#onFault = onFault;
  }

  send(method: Report['method'], payload: string): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting.push({ method, payload });
    this.#sending ??= this.#sendAll();
  }

  /** Drops unsent reports. Resolves when no call is in progress. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let report = this.#waiting.shift(); report; report = this.#waiting.shift()) {
      try {
        await this.#deliver(report);
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        const message = `${report.method} was not delivered to the agent: ${messageOf(error)}`;
        this.#onFault(new AvatarError('report', message, { cause: error }));
      }
    }
    this.#sending = undefined;
  }

  async #deliver(report: Report): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#call(report, await this.#present());
      } catch (error) {
        const code = error instanceof RpcError ? Number(error.code) : undefined;
        // Many agents do not use this report, and take the first frame for the start.
        if (code === RpcError.ErrorCode.UNSUPPORTED_METHOD && report.method === PLAYBACK_STARTED)
          return;
        const again = code !== undefined && NOT_DELIVERED.includes(code);
        if (!again || attempt >= this.#limits.attempts) throw error;
        await sleep(RETRY_PAUSE_MS * attempt, undefined, { signal: this.#closing.signal });
      }
    }
  }

  async #call({ method, payload }: Report, destinationIdentity: string): Promise<void> {
    this.#closing.signal.throwIfAborted();
    const { localParticipant } = this.#room;
    if (!localParticipant) throw new Error('the avatar left the room');
    const { responseTimeoutMs } = this.#limits;
    const call = localParticipant.performRpc({
      destinationIdentity,
      method,
      payload,
      responseTimeout: responseTimeoutMs,
    });
    const limitMs = responseTimeoutMs + CALL_SLACK_MS;
    const late = () => new Error(`no answer within ${limitMs} ms`);
    const reply = await within(limitMs, call, late, this.#closing.signal);
    if (reply === 'reject') throw new Error('it does not recognize this participant as its avatar');
  }

  /** The agent's identity, once it is in the room. */
  async #present(): Promise<string> {
    const identity = this.#recipient();
    if (identity === undefined) throw new Error('no agent has spoken yet');
    if (this.#room.remoteParticipants.has(identity)) return identity;
    let look = () => {};
    const back = new Promise<void>((resolve) => {
      look = () => {
        if (this.#room.remoteParticipants.has(identity)) resolve();
      };
    });
    const gone = () => new Error(`${identity} left, and did not return in time`);
    this.#room.on(RoomEvent.ParticipantConnected, look);
    try {
      await within(this.#limits.absenceLimitMs, back, gone, this.#closing.signal);
    } finally {
      this.#room.off(RoomEvent.ParticipantConnected, look);
    }
    return identity;
  }
}
