import { randomUUID } from 'node:crypto';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { INSPECTOR } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import { actorToWire, snapshotOf, stamp, toWire } from './convert.ts';
import { plain } from './plain.ts';
import { SenderLink } from './sender-link.ts';
import type { WireEvent } from './wire.ts';

/**
 * The destination of an agent's events. Without `url` and `port`: this user's `npx sightline
 * inspect`.
 */
export interface InspectorOptions {
  /**
   * URL of an inspector with the protocol of `@statelyai/inspect`: the URL that `npx sightline
   * inspect` prints, or Stately's (`ws://localhost:8080`).
   */
  url?: string;
  /** Port of a Sightline inspector on this machine; needs `token`. */
  port?: number;
  /** The token that the inspector prints. */
  token?: string;
  /**
   * Name of this agent on the page.
   * @defaultValue 'agent'
   */
  name?: string;
  /**
   * Whether pictures for the model may be sent to an inspector that requests them.
   * @defaultValue false
   */
  pixels?: boolean;
  /**
   * Most bytes that may be buffered. Further messages are dropped and counted.
   * @defaultValue 4194304
   */
  maxBufferedBytes?: number;
  /**
   * Interval of the figures while an inspector is connected, in ms.
   * @defaultValue 1000
   */
  metricsEveryMs?: number;
}

/** A picture as the model received it. */
export interface InspectedPicture {
  data: Uint8Array;
  mimeType: string;
  width: number;
  height: number;
  /** Name of its source, such as `camera`. */
  label: string;
}

/** Counts of an inspector connection. */
export interface InspectorCounts {
  sent: number;
  /** Messages that were not sent, because the buffer was full. */
  dropped: number;
}

/**
 * The agent's side of a live inspector. Without a connection it only remembers the root actors: no
 * event is serialized or kept.
 */
export interface Inspector {
  /** The value for `inspect` of `createActor` and `VideoSession`. Never throws. */
  inspect(event: InspectionEvent): void;
  /** Sends these figures at an interval. */
  metrics(read: () => object): void;
  /** Sends a picture if both sides enable pictures. */
  picture(picture: InspectedPicture): void;
  /** Resolves when an inspector is connected and has received all actors. */
  readonly connected: Promise<void>;
  readonly counts: InspectorCounts;
  /** Sends the final figures, and disconnects. Idempotent. */
  close(): Promise<void>;
}

/** Most root actors that are remembered. */
const MAX_ROOTS = 256;

/**
 * Connects an agent to a live inspector, now or as soon as there is one.
 *
 * @example
 * ```ts
 * const inspector = createInspector({ name: 'kiosk' });
 * const video = new VideoSession(session, { room, inspect: inspector.inspect });
 * inspector.metrics(() => video.metrics());
 * ```
 * @throws OptionError
 */
export function createInspector(options: InspectorOptions = {}): Inspector {
  return new LiveInspector(options);
}

class LiveInspector implements Inspector {
  readonly counts: InspectorCounts = { sent: 0, dropped: 0 };
  readonly connected: Promise<void>;
  readonly #roots = new Map<string, AnyActorRef>();
  readonly #link: SenderLink;
  readonly #pixels: boolean;
  readonly #maxBuffered: number;
  readonly #metricsEveryMs: number;
  #metrics: (() => object) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #lossUntold = false;

  constructor(options: InspectorOptions) {
    const { name, pixels, maxBufferedBytes, metricsEveryMs } = filled(
      'inspect',
      options,
      INSPECTOR,
    );
    this.#pixels = pixels;
    this.#maxBuffered = maxBufferedBytes;
    this.#metricsEveryMs = metricsEveryMs;
    let connected = () => {};
    this.connected = new Promise((resolve) => {
      connected = resolve;
    });
    this.#link = new SenderLink({
      url: agentUrl(options),
      instance: randomUUID(),
      name,
      onOpen: () => {
        this.#tellActors();
        connected();
      },
      onWelcome: () => this.#startMetrics(),
      onClose: () => clearInterval(this.#timer),
    });
  }

  inspect = (event: InspectionEvent): void => {
    try {
      if (event.type === '@xstate.actor') this.#remember(event);
      if (!this.#link.open) return;
      const { sessionId } = event.actorRef;
      if (!this.#hasRoom(sessionId)) return;
      const message = toWire(event, this.#nextId++);
      if (message) this.#send(message);
    } catch {
      // An error of the inspection must not stop the agent.
      this.counts.dropped++;
    }
  };

  metrics(read: () => object): void {
    this.#metrics = read;
    this.#startMetrics();
  }

  picture({ data, mimeType, width, height, label }: InspectedPicture): void {
    if (!this.#pixels || !this.#link.open || !this.#link.welcome?.pixels) return;
    if (this.#link.waiting > this.#maxBuffered) {
      this.counts.dropped++;
      return;
    }
    this.#send({
      type: '@sightline.picture',
      ...this.#stamp(),
      mimeType,
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      width,
      height,
      label,
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#sendMetrics();
    await this.#link.close();
    this.#roots.clear();
  }

  /** The children are found through their roots when an inspector connects. */
  #remember({ actorRef, rootId }: InspectionEvent): void {
    if (actorRef.sessionId !== rootId) return;
    for (const [id, root] of this.#roots)
      if (this.#roots.size >= MAX_ROOTS || isOver(root)) this.#roots.delete(id);
    this.#roots.set(rootId, actorRef as AnyActorRef);
  }

  /** Whether the buffer has space for a message. After a loss, all actors are sent again. */
  #hasRoom(sessionId: string): boolean {
    if (this.#link.waiting > this.#maxBuffered) {
      this.counts.dropped++;
      this.#lossUntold = true;
      return false;
    }
    if (this.#lossUntold) {
      this.#lossUntold = false;
      const { dropped } = this.counts;
      if (this.#link.welcome)
        this.#send({ type: '@sightline.loss', ...stamp(sessionId, undefined, 0), dropped });
      this.#tellActors();
    }
    return true;
  }

  #tellActors(): void {
    for (const [rootId, root] of this.#roots) {
      if (isOver(root)) this.#roots.delete(rootId);
      else this.#tellTree(root, rootId);
    }
  }

  #tellTree(actor: AnyActorRef, rootId: string): void {
    this.#send(actorToWire(actor, rootId, this.#nextId++));
    const { children } = (snapshotOf(actor) ?? {}) as { children?: Record<string, AnyActorRef> };
    for (const child of Object.values(children ?? {})) this.#tellTree(child, rootId);
  }

  #startMetrics(): void {
    if (!this.#metrics || !this.#link.open) return;
    clearInterval(this.#timer);
    this.#sendMetrics();
    this.#timer = setInterval(() => this.#sendMetrics(), this.#metricsEveryMs).unref();
  }

  #sendMetrics(): void {
    // Stately's own inspector does not know this message.
    if (!this.#metrics || !this.#link.open || !this.#link.welcome) return;
    try {
      const metrics = plain(this.#metrics()) as Record<string, unknown>;
      this.#send({ type: '@sightline.metrics', ...this.#stamp(), metrics });
    } catch {
      this.counts.dropped++;
    }
  }

  /** Common fields of messages about the whole agent. */
  #stamp() {
    const [rootId = 'agent'] = this.#roots.keys();
    return stamp(rootId, rootId, this.#nextId++);
  }

  #send(message: WireEvent): void {
    this.#link.send(JSON.stringify(message));
    this.counts.sent++;
  }
}

const isOver = (actor: AnyActorRef): boolean => {
  const snapshot = snapshotOf(actor) as { status?: string } | undefined;
  return snapshot?.status !== undefined && snapshot.status !== 'active';
};

function agentUrl({ url, port, token }: InspectorOptions): string | undefined {
  if (url !== undefined) {
    if (!/^wss?:\/\//.test(url) || !URL.canParse(url))
      throw new OptionError(
        'inspect.url',
        url,
        'give a WebSocket address, as the inspector prints it',
      );
    return url;
  }
  if (port === undefined) return undefined;
  if (!token || !/^[\w-]+$/.test(token))
    throw new OptionError(
      'inspect.token',
      token && '(hidden)',
      'give the token that the inspector prints',
    );
  return `ws://127.0.0.1:${port}/${token}/agent`;
}
