import { voice } from '@livekit/agents';
import { START } from '../defaults.ts';
import { OptionError, SessionStateError } from '../errors.ts';
import { isStarted } from '../internals/agents.ts';
import { assertOneFramework } from '../models/framework-copy.ts';
import { filled } from '../option-table.ts';
import type { VideoStartOptions } from './parts.ts';

/** @throws OptionError if it is not an agent session; DuplicateFrameworkError */
export function checkSession(session: voice.AgentSession): void {
  assertOneFramework(session);
  if (session instanceof voice.AgentSession) return;
  throw new OptionError(
    'session',
    session,
    'pass the AgentSession: new VideoSession(session, { room })',
  );
}

/** @throws OptionError if no agent is given; DuplicateFrameworkError */
export function checkStartOptions(options: VideoStartOptions): void {
  const agent: unknown = options?.agent;
  assertOneFramework(options, agent);
  if (agent instanceof voice.Agent) {
    if ('room' in options)
      throw new OptionError(
        'room',
        options.room,
        'give it to the session, new VideoSession(session, { room }), and leave it out here',
      );
    filled('', options, START);
    return;
  }
  const given = options instanceof voice.Agent ? options : agent;
  throw new OptionError(
    'agent',
    given,
    'pass the agent as an option: start({ agent: new voice.Agent(...) })',
  );
}

/** Agent sessions with a started VideoSession that is not closed. */
const served = new WeakSet<voice.AgentSession>();

/** Reserves an agent session for one VideoSession: a second one would get no frames. */
export class SessionClaim {
  readonly #session: voice.AgentSession;
  readonly #stopWatching: () => void;
  #isMine = false;

  /** @param onStartedAlone - Gets the error if the agent session is started without its video. */
  constructor(session: voice.AgentSession, onStartedAlone: (error: SessionStateError) => void) {
    this.#session = session;
    const event = voice.AgentSessionEventTypes.AgentStateChanged;
    const look = () => {
      this.#stopWatching();
      onStartedAlone(
        new SessionStateError(served.has(session) ? 'served-by-another' : 'started-alone'),
      );
    };
    this.#stopWatching = () => session.off(event, look);
    session.on(event, look);
  }

  /**
   * @throws SessionStateError if the agent session is running, or another VideoSession serves it.
   */
  take(): void {
    this.#stopWatching();
    if (served.has(this.#session)) throw new SessionStateError('served-by-another');
    if (isStarted(this.#session)) throw new SessionStateError('started-alone');
    served.add(this.#session);
    this.#isMine = true;
  }

  /** Idempotent. */
  release(): void {
    this.#stopWatching();
    if (this.#isMine) served.delete(this.#session);
    this.#isMine = false;
  }
}
