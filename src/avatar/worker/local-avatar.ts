import { getJobContext, voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { AvatarError } from '../../errors.ts';
import { AvatarStreamOutput } from '../avatar-stream-output.ts';
import { type AvatarExit, AvatarProcess } from './avatar-process.ts';
import { PUBLISH_ON_BEHALF } from './avatar-protocol.ts';
import {
  type LocalAvatarOptions,
  type ResolvedLocalAvatarOptions,
  resolvedOptions,
  type ServerAccess,
  serverAccess,
} from './local-avatar-options.ts';

/** Events of a `LocalAvatar`, in addition to those of the framework's avatars. */
export interface LocalAvatarEvents extends voice.AvatarSessionCallbacks {
  /** Its process exited: the avatar is out of the room. */
  exit: (exit: AvatarExit) => void;
  /** A part of the speech, or a report of it, was lost. The avatar continues. */
  fault: (error: AvatarError) => void;
}

/** Lifetime of the token. It limits joining, not staying. */
const TOKEN_TTL = '10m';

/** How long the avatar may take to confirm an interruption, in ms. */
const CLEAR_TIMEOUT_MS = 1000;

/**
 * An avatar without a provider: a drawn face whose mouth follows the speech. It runs in its own
 * process, which joins the room as a second participant. Use it wherever the framework takes an
 * avatar.
 *
 * It can be started again after `aclose`, or after its process exited.
 */
export class LocalAvatar extends voice.AvatarSession {
  readonly #options: LocalAvatarOptions;
  readonly #resolved: ResolvedLocalAvatarOptions;
  #process: AvatarProcess | undefined;
  #output: AvatarStreamOutput | undefined;
  #starting = false;
  /** Number of `aclose` calls. If it changes during a start, the start was cancelled. */
  #closes = 0;

  /** @throws OptionError that names the option, its value and the remedy. */
  constructor(options: LocalAvatarOptions = {}) {
    const resolved = resolvedOptions(options);
    super();
    this.#options = options;
    this.#resolved = resolved;
  }

  override get avatarIdentity(): string {
    return this.#resolved.identity;
  }

  override get provider(): string {
    return 'sightline';
  }

  /** Process id of the avatar, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the avatar, and directs the session's audio to it. Resolves when the avatar is in the
   * room; `waitForJoin` resolves after its tracks are published.
   *
   * @throws AvatarError if it is already started, cannot join, or exceeds its limit.
   * @throws OptionError if the server's URL or keys are not known.
   */
  override async start(agentSession: voice.AgentSession, room: Room): Promise<void> {
    if (this.#starting || this.#process)
      throw new AvatarError('start-failed', 'the avatar is already started: call aclose() first');
    this.#starting = true;
    const closes = this.#closes;
    let child: AvatarProcess | undefined;
    try {
      // Cleans up after an avatar that ended by itself.
      await this._rollbackStart();
      const job = getJobContext(false);
      const access = serverAccess(this.#options, job?.info);
      const roomName = room.name || job?.job.room?.name;
      const agentIdentity = room.localParticipant?.identity ?? job?.agent?.identity;
      if (!roomName || !agentIdentity) {
        const message = 'the room is not connected: connect it before you start the avatar';
        throw new AvatarError('start-failed', message);
      }
      await super.start(agentSession, room);
      const token = await this.#token(access, roomName, agentIdentity);
      if (closes !== this.#closes) throw closedEarly();
      const { name, format, startTimeoutMs } = this.#resolved;
      child = this.#run({ url: access.url, token, name, agentIdentity, format });
      await child.untilJoined(startTimeoutMs);
      if (closes !== this.#closes) throw closedEarly();
      this.#output = await this.#open(room);
      if (closes !== this.#closes) throw closedEarly();
      agentSession.output.audio = this.#output;
    } catch (error) {
      this.#output?.close();
      await child?.stop();
      await this._rollbackStart();
      throw error;
    } finally {
      this.#starting = false;
    }
  }

  /** Takes the avatar out of the room, and ends its process. Idempotent. */
  override async aclose(): Promise<void> {
    this.#closes += 1;
    this.#output?.close();
    const child = this.#process;
    await child?.stop();
    if (this.#process === child) this.#process = undefined;
    await super.aclose();
  }

  override on<Name extends keyof LocalAvatarEvents>(
    event: Name,
    listener: LocalAvatarEvents[Name],
  ): this {
    return super.on(event as never, listener as never);
  }

  override once<Name extends keyof LocalAvatarEvents>(
    event: Name,
    listener: LocalAvatarEvents[Name],
  ): this {
    return super.once(event as never, listener as never);
  }

  override off<Name extends keyof LocalAvatarEvents>(
    event: Name,
    listener: LocalAvatarEvents[Name],
  ): this {
    return super.off(event as never, listener as never);
  }

  override emit<Name extends keyof LocalAvatarEvents>(
    event: Name,
    ...args: Parameters<LocalAvatarEvents[Name]>
  ): boolean {
    return super.emit(event as never, ...(args as never));
  }

  #run(job: ConstructorParameters<typeof AvatarProcess>[0]): AvatarProcess {
    const child = new AvatarProcess(job, (message) =>
      this.emit('fault', new AvatarError('stream', message)),
    );
    this.#process = child;
    void child.ended.then((exit) => {
      if (this.#process === child) this.#process = undefined;
      this.emit('exit', exit);
    });
    return child;
  }

  #token({ apiKey, apiSecret }: ServerAccess, room: string, agent: string): Promise<string> {
    const { identity, name } = this.#resolved;
    const token = new AccessToken(apiKey, apiSecret, {
      identity,
      ttl: TOKEN_TTL,
      ...(name === '' ? {} : { name }),
      attributes: { [PUBLISH_ON_BEHALF]: agent },
    });
    token.kind = 'agent';
    token.addGrant({ roomJoin: true, room, canPublish: true, canPublishData: true });
    return token.toJwt();
  }

  #open(room: Room): Promise<AvatarStreamOutput> {
    return AvatarStreamOutput.open({
      room,
      destinationIdentity: this.avatarIdentity,
      sampleRate: this.#resolved.format.sampleRate,
      waitPlaybackStart: true,
      clearTimeoutMs: CLEAR_TIMEOUT_MS,
    });
  }
}

const closedEarly = () => new AvatarError('closed', 'the avatar was closed before it had started');
