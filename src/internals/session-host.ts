import { getJobContext, voice } from '@livekit/agents';
import { SightlineError } from '../errors.ts';

/**
 * The framework's session host: any participant that sends it a message on `lk.agent.session` can
 * read the agent's instructions and history, and make it answer. It also sends each event of the
 * conversation, to everyone in the room if no participant is linked. No option disables it.
 * `test/internals/session-host.test.ts` fails if the installed version has another one.
 */

/** Receives and sends no messages. */
class ClosedTransport extends voice.SessionTransport {
  override async sendMessage(): Promise<void> {}
  override async close(): Promise<void> {}
  override async *[Symbol.asyncIterator](): AsyncGenerator<never> {}
}

/** Private to the framework. */
interface HostedSession {
  sessionHost: voice.SessionHost | undefined;
}

/** A console runs on the developer's own machine. */
const isConsole = (host: voice.SessionHost): boolean =>
  (host as unknown as { transport: unknown }).transport instanceof voice.TcpSessionTransport;

/**
 * Disables the remote session of an agent session that is not started yet. The framework creates
 * the host during its start and sends events from then on, so the host is replaced at the moment it
 * is set; closing it after the start would be too late. Consoles and simulations, which work
 * through the host, keep theirs.
 *
 * @throws SightlineError if this version of the framework stores its host elsewhere.
 */
export function closeRemoteSession(session: voice.AgentSession): void {
  // A simulated user is the host's own client.
  if (getJobContext(false)?.simulationContext() !== undefined) return;
  if (!('sessionHost' in session))
    throw new SightlineError(
      'remote-session',
      "this version of @livekit/agents keeps its session host in an unknown place: use 1.9, or set remoteSession: 'framework', which lets participants read the instructions",
    );
  let host = (session as unknown as HostedSession).sessionHost;
  Object.defineProperty(session, 'sessionHost', {
    configurable: true,
    enumerable: true,
    get: () => host,
    set(made: voice.SessionHost | undefined) {
      host = made && !isConsole(made) ? new voice.SessionHost(new ClosedTransport()) : made;
    },
  });
}
