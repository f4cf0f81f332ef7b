import { getJobContext, voice } from '@livekit/agents';
import { SightlineError } from '../errors.ts';

/**
 * The framework's session host: whoever sends it a message under `lk.agent.session` reads the
 * instructions and the history of the agent, and makes it answer; and it sends each event of the
 * conversation, to everybody in the room if no participant is linked. There is no option to leave
 * it out. `test/internals/session-host.test.ts` fails when the installed version has another one.
 */

/** Gets no message, and sends none. */
class ClosedTransport extends voice.SessionTransport {
  override async sendMessage(): Promise<void> {}
  override async close(): Promise<void> {}
  override async *[Symbol.asyncIterator](): AsyncGenerator<never> {}
}

/** Private to the framework. */
interface HostedSession {
  sessionHost: voice.SessionHost | undefined;
}

/** A console is on the developer's own machine. */
const isConsole = (host: voice.SessionHost): boolean =>
  (host as unknown as { transport: unknown }).transport instanceof voice.TcpSessionTransport;

/**
 * Has a session that is not started yet serve no remote session in its room. The framework makes
 * the host in the middle of its start, and sends events from then on: it is replaced in the moment
 * in which it is set, since closing it after the start would be too late for the first ones.
 * Consoles and simulations, which are driven through the host, keep theirs.
 *
 * @throws SightlineError if this version of the framework keeps its host elsewhere.
 */
export function closeRemoteSession(session: voice.AgentSession): void {
  // A simulated user is the host's own client.
  if (getJobContext(false)?.simulationContext() !== undefined) return;
  if (!('sessionHost' in session))
    throw new SightlineError(
      'remote-session',
      "this version of @livekit/agents keeps its session host where it cannot be closed: use 1.9, or set remoteSession: 'framework', which lets participants read the instructions",
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
