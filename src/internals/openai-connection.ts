import type { llm } from '@livekit/agents';
import type { ModelLife } from '../models/model-life.ts';
import { missingMember } from './missing-member.ts';
import { type CapturedSocket, captureNextSocket } from './socket-capture.ts';

/**
 * The used members of the OpenAI plugin's session, and of plugins that inherit it. All but
 * `sendEvent` are private.
 */
interface OpenAISession extends llm.RealtimeSession {
  /** Makes a connection. Its socket has no `error` listener, so a refusal would end the process. */
  createWsConn(): Promise<CapturedSocket>;
  /** Called for each connection, once it is open. */
  runWs(socket: CapturedSocket): Promise<void>;
  emitError(event: { error: Error; recoverable: boolean }): void;
  /** Unsent messages; not set during construction. */
  messageChannel?: Queue;
  /** The current answer. */
  currentGeneration?: object | undefined;
}

interface Queue {
  items: { type: string }[];
}

const MEMBERS = [
  'createWsConn',
  'runWs',
  'emitError',
] as const satisfies readonly (keyof OpenAISession)[];

/** The state of a socket that is open. */
const OPEN = 1;
/** Repeated on the next connection; left in the queue, it would be sent twice. */
const ASKED_AGAIN = ['response.create'];
/** Dropped by the plugin by then, and written again. */
const WRITTEN_AGAIN = ['conversation.item.create', 'conversation.item.delete', ...ASKED_AGAIN];

/** Sessions that have a life: a watch may ask a model that the conversation uses. */
const kept = new WeakSet<llm.RealtimeSession>();

/**
 * Makes a session of the OpenAI plugin, or of one that inherits it, survive refused connections.
 * Call it before the plugin's constructor, which connects.
 */
export function keepOpenAIAlive(session: llm.RealtimeSession, life: ModelLife): void {
  if (kept.has(session)) return;
  kept.add(session);
  const missing = missingMember(session, MEMBERS);
  if (missing === undefined) new OpenAIConnections(session as OpenAISession, life).patch();
}

class OpenAIConnections {
  readonly #session: OpenAISession;
  readonly #life: ModelLife;
  /** Pause before the next connection, in ms; `undefined` if there is none. */
  #pauseMs: number | undefined = 0;
  /** Why the last connection ended or failed. */
  #error = new Error('not connected');
  #last: CapturedSocket | undefined;

  constructor(session: OpenAISession, life: ModelLife) {
    this.#session = session;
    this.#life = life;
  }

  patch(): void {
    const session = this.#session;
    const life = this.#life;
    // AgentActivity removes its listener when it closes; a later error would throw.
    session.on('error', () => {});

    const create = session.createWsConn.bind(session);
    session.createWsConn = () => this.#connect(create);

    const run = session.runWs.bind(session);
    session.runWs = (socket) => this.#run(socket, run);

    const close = session.close.bind(session);
    session.close = async () => {
      life.end();
      await close();
    };
  }

  /** Tries until it is connected; after the last attempt, the session ends with the error. */
  async #connect(create: () => Promise<CapturedSocket>): Promise<CapturedSocket> {
    for (;;) {
      const last = this.#last;
      if (last && this.#pauseMs === undefined) return this.#giveUp(last);
      if (this.#pauseMs) await this.#life.pause(this.#pauseMs);
      // Returning a closed socket ends the plugin's loop.
      if (last && this.#life.isOver) return last;
      let refusal: Error | undefined;
      const stopCapture = captureNextSocket((socket) => {
        this.#last = socket;
        socket.on('error', (error: Error) => {
          refusal = error;
        });
      });
      const connected = create();
      stopCapture();
      try {
        return await connected;
      } catch (error) {
        // Without a socket, the error is not that of a connection.
        if (this.#last === last) throw error;
        this.#pauseMs = this.#failed(refusal ?? (error as Error), isFinal(refusal));
        this.#forgetQueued(ASKED_AGAIN);
        if (this.#pauseMs !== undefined)
          this.#session.emitError({ error: this.#error, recoverable: true });
      }
    }
  }

  async #giveUp(last: CapturedSocket): Promise<CapturedSocket> {
    if (!this.#life.isOver) this.#session.emitError({ error: this.#error, recoverable: false });
    await this.#life.ended();
    return last;
  }

  async #run(socket: CapturedSocket, run: (socket: CapturedSocket) => Promise<void>) {
    const life = this.#life;
    let isLeft = false;
    const leave = socket.close.bind(socket);
    // The plugin closes finished connections; both it and `ws` also close those that the service is
    // closing.
    socket.close = () => {
      isLeft ||= socket.readyState === OPEN && !socket._closeFrameReceived;
      leave();
    };
    const lost = (reason: string) => {
      if (isLeft) return;
      isLeft = true;
      const pauseMs = this.#failed(new Error(reason), false);
      // Without retries, the plugin itself reconnects after each close.
      this.#pauseMs = life.isRetrying ? pauseMs : 0;
      this.#forgetQueued(WRITTEN_AGAIN);
    };
    this.#pauseMs = 0;
    life.opened();
    socket.once('close', (code: number, reason: Buffer) =>
      lost(reason.toString() || `the connection closed with code ${code}`),
    );
    try {
      await run(socket);
    } finally {
      // The plugin noticed the close before the socket reported it.
      lost('the connection closed');
      this.#replaceQueue();
    }
  }

  #failed(error: Error, isFinal: boolean): number | undefined {
    this.#error = error;
    return this.#life.failed({
      reason: error.message,
      wasAnswering: this.#session.currentGeneration !== undefined,
      isFinal,
    });
  }

  #forgetQueued(types: readonly string[]): void {
    const queue = this.#session.messageChannel;
    if (queue) queue.items = queue.items.filter(({ type }) => !types.includes(type));
  }

  /**
   * The plugin's sender still waits for the next event on the old connection, and would consume it.
   * It is left waiting on a queue that stays empty.
   */
  #replaceQueue(): void {
    const queue = this.#session.messageChannel as
      | (Queue & { constructor: new () => Queue })
      | undefined;
    if (!queue) return;
    const next = new queue.constructor();
    next.items = queue.items;
    this.#session.messageChannel = next;
  }
}

/** Whether another attempt would be refused in the same way. */
const isFinal = (refusal: Error | undefined): boolean =>
  /Unexpected server response: 4(?!29|08)/.test(refusal?.message ?? '');
