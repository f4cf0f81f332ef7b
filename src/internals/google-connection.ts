import type { llm } from '@livekit/agents';
import { coverAllInput } from '../models/google.ts';
import type { ModelLife } from '../models/model-life.ts';
import { leaveAfterAnswer } from './google-go-away.ts';
import { sendAccepted } from './google-messages.ts';
import { type GoogleSession, isAnswering, MEMBERS } from './google-session.ts';
import { convertibleConfig } from './google-tools.ts';
import { missingMember } from './missing-member.ts';
import { type CapturedSocket, captureNextSocket } from './socket-capture.ts';

/** The state of a socket that is open. */
const OPEN = 1;
/** Close codes after which a new connection can succeed. */
const PASSING = new Set([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014]);
/** A handle may have been lost with the server that issued it. */
const FAILURES_OF_A_HANDLE = 2;

/**
 * Makes a session of the Google plugin survive lost and failed connections. The plugin itself ends
 * the agent session on every close except 1000, does not notice 1000, and waits forever in
 * @google/genai's `connect` if a connection closes before its setup is complete.
 *
 * @param onError - Reports a tool that the model does not get.
 */
export function keepGoogleAlive(
  session: llm.RealtimeSession,
  life: ModelLife,
  onError: (error: Error) => void,
): void {
  const missing = missingMember(session, MEMBERS);
  if (missing === undefined) new GoogleConnections(session as GoogleSession, life, onError).patch();
}

/** One connection, or the attempt to make it. */
interface Attempt {
  readonly socket: CapturedSocket;
  isOpen: boolean;
  /** The setup was sent. */
  isSetUp: boolean;
  /** The service accepted the setup. */
  isReady: boolean;
  /** The service's answer if it refused the connection. */
  refusal: string;
}

class GoogleConnections {
  readonly #session: GoogleSession;
  readonly #life: ModelLife;
  readonly #onError: (error: Error) => void;
  #stopCapture = () => {};
  #attempt: Attempt | undefined;
  /** Pause before the next connection, in ms. */
  #pauseMs = 0;
  #failuresOfHandle = 0;
  /** Whether the error that the plugin is about to report should be ignored. */
  #isPassing = false;

  constructor(session: GoogleSession, life: ModelLife, onError: (error: Error) => void) {
    this.#session = session;
    this.#life = life;
    this.#onError = onError;
  }

  patch(): void {
    const session = this.#session;
    const life = this.#life;
    // AgentActivity removes its listener when it closes; a later error would throw.
    session.on('error', () => {});

    leaveAfterAnswer(session, life, () => this.#attempt);
    sendAccepted(session);

    const build = convertibleConfig(session, this.#onError);
    session.buildConnectConfig = () => {
      this.#stopCapture();
      this.#stopCapture = captureNextSocket((socket) => this.#watch(socket));
      return build();
    };

    const emitError = session.emitError.bind(session);
    session.emitError = (error, recoverable) => {
      if (life.isOver) return;
      // The plugin cannot make the setup. `closeActiveSession` follows at once, and reports it.
      if (this.#attempt && isWithoutSetup(this.#attempt)) return;
      emitError(error, recoverable || this.#isPassing);
    };

    const closeActive = session.closeActiveSession.bind(session);
    session.closeActiveSession = async () => {
      const attempt = this.#attempt;
      if (attempt?.isReady) this.#leave(attempt);
      else if (attempt && !attempt.isSetUp && !life.isOver) {
        this.#endWithoutSetup(attempt);
        await closeActive();
        // The loop would go on to the same error, or to a rejection that nothing handles.
        await new Promise<never>(() => {});
      }
      await closeActive();
      const pauseMs = this.#pauseMs;
      this.#pauseMs = 0;
      if (pauseMs > 0) await life.pause(pauseMs);
    };

    const close = session.close.bind(session);
    session.close = async () => {
      life.end();
      this.#stopCapture();
      if (this.#attempt?.isReady === false) this.#attempt.socket.terminate();
      await close();
    };

    const update = session.updateChatCtx.bind(session);
    session.updateChatCtx = async (context) => {
      // The plugin still uses the dead connection, and its messages are lost.
      if (life.isDown) session._chatCtx = context.copy();
      else await update(context);
    };
  }

  #watch(socket: CapturedSocket): void {
    const attempt: Attempt = {
      socket,
      isOpen: false,
      isSetUp: false,
      isReady: false,
      refusal: '',
    };
    this.#attempt = attempt;
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      attempt.isSetUp = true;
      send(data);
    };
    const timeoutMs = this.#session.options.connOptions?.timeoutMs ?? 10_000;
    // Nothing else ends an attempt that the service does not answer.
    const late = setTimeout(() => this.#life.isRetrying && socket.terminate(), timeoutMs);
    socket.on('open', () => {
      attempt.isOpen = true;
    });
    socket.on('error', ({ message }: Error) => {
      attempt.refusal = message;
    });
    socket.on('message', (data: unknown) => {
      if (attempt.isReady || !String(data).includes('setupComplete')) return;
      attempt.isReady = true;
      clearTimeout(late);
      this.#failuresOfHandle = 0;
      this.#life.opened();
    });
    // Added before the plugin's own listener, to classify the error that it reports.
    socket.on('close', (code: number, reason: Buffer) => {
      clearTimeout(late);
      // A connection that was left already: its close ends nothing.
      if (this.#attempt !== attempt) this.#isPassing = true;
      else {
        // Without its setup, it is one that the plugin cannot make.
        if (attempt.isSetUp || !attempt.isOpen) this.#attempt = undefined;
        this.#ended(attempt, code, reason.toString());
      }
      // The plugin has its report by then.
      queueMicrotask(() => {
        this.#isPassing = false;
      });
    });
  }

  /** The plugin continues with its next connection, perhaps because it noticed the close. */
  #leave({ socket }: Attempt): void {
    this.#attempt = undefined;
    if (socket.readyState === OPEN) return;
    const reason = 'the connection closed';
    const pauseMs = this.#life.failed({ reason, wasAnswering: false, isFinal: false });
    this.#pauseMs = pauseMs ?? 0;
  }

  /** The plugin could not make the setup of an open connection, and neither could it the next time. */
  #endWithoutSetup({ socket }: Attempt): void {
    this.#attempt = undefined;
    socket.terminate();
    const names = Object.keys(this.#session._tools.functionTools).join(', ');
    const reason =
      'the Google plugin cannot make the setup of a connection; its log has the reason. Check the ' +
      `options of the model and the parameters of the tools (${names})`;
    this.#life.failed({ reason, wasAnswering: false, isFinal: true });
    this.#session.emitError(new Error(reason), false);
  }

  #ended(attempt: Attempt, code: number, text: string): void {
    const session = this.#session;
    const reason = text || attempt.refusal || `the connection closed with code ${code}`;
    const pauseMs = this.#life.failed({
      reason,
      wasAnswering: isAnswering(session),
      isFinal: !isPassing(code, reason) && !this.#isMended(attempt, reason),
    });
    this.#isPassing = pauseMs !== undefined;
    this.#forgetStaleHandle(reason);
    // The plugin does not report a close with 1000.
    if (pauseMs === undefined && code === 1000 && this.#life.isRetrying)
      session.emitError(new Error(reason), false);
    if (attempt.isReady) {
      this.#pauseMs = pauseMs ?? 0;
      if (pauseMs !== undefined) session.markRestartNeeded();
    } else void this.#settle(attempt, pauseMs);
  }

  /** The service refused a setting of Sightline's, not of the user's: use another setting. */
  #isMended({ isReady }: Attempt, reason: string): boolean {
    const isRefused = !isReady && /turn_?coverage|TURN_INCLUDES/i.test(reason);
    return isRefused && coverAllInput(this.#session.options);
  }

  #forgetStaleHandle(reason: string): void {
    if (this.#session.sessionResumptionHandle === undefined) return;
    this.#failuresOfHandle += 1;
    // The history is sent in any case.
    if (/not found/i.test(reason) || this.#failuresOfHandle > FAILURES_OF_A_HANDLE)
      this.#session.sessionResumptionHandle = undefined;
  }

  /** Lets `connect` end after the pause, as a connection that must be left. */
  async #settle(attempt: Attempt, pauseMs: number | undefined): Promise<void> {
    if (pauseMs === undefined) await this.#life.ended();
    else await this.#life.pause(pauseMs);
    this.#session.markRestartNeeded();
    const { socket } = attempt;
    const complete = () => socket.onmessage?.({ data: '{"setupComplete":{}}' });
    if (attempt.isSetUp) {
      complete();
      return;
    }
    // No answer is understood before the setup is sent.
    socket.send = () => {
      attempt.isSetUp = true;
      socket.send = () => {};
      queueMicrotask(complete);
    };
    // The setup follows the opening.
    if (!attempt.isOpen) socket.onopen?.({});
  }
}

const isWithoutSetup = ({ socket, isSetUp }: Attempt): boolean =>
  socket.readyState === OPEN && !isSetUp;

function isPassing(code: number, reason: string): boolean {
  if (/Unexpected server response: 4(?!29|08)/.test(reason)) return false;
  if (code === 1008) return /aborted|not found|cancelled/i.test(reason);
  return PASSING.has(code);
}
