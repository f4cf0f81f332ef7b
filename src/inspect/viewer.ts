import WebSocket from 'ws';
import type { InspectedSession } from './inspected-session.ts';
import type { SessionStore } from './session-store.ts';
import type { ViewMessage } from './view.ts';

/** How long changes are collected before the page gets them, in ms. */
const GATHER_MS = 40;
/** A page that is this many bytes behind gets no more until it has caught up. */
const MAX_WAITING = 4 * 1024 * 1024;
const BATCH = { events: 1000, bytes: 1024 * 1024 } as const;

/**
 * One page. It reads its session at its own pace, and nothing is queued for it. A page that falls
 * too far behind restarts with the kept events.
 */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #store: SessionStore;
  readonly #stops: (() => void)[] = [];
  #stopWatching = () => {};
  #session: InspectedSession | undefined;
  #nextSeq = 0;
  #nextPicture = 0;
  #listIsOld = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, store: SessionStore, hello: ViewMessage & { type: 'hello' }) {
    this.#socket = socket;
    this.#store = store;
    socket.on('message', (data) => this.#hear(String(data)));
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
    this.#stops.push(
      store.onChange(() => {
        this.#listIsOld = true;
        this.#soon();
      }),
    );
    this.#send(JSON.stringify(hello));
    this.#flush();
  }

  #hear(text: string): void {
    let watch: unknown;
    try {
      watch = (JSON.parse(text) as { watch?: unknown } | null)?.watch;
    } catch {
      return;
    }
    if (typeof watch !== 'string') return;
    this.#stopWatching();
    this.#session = this.#store.get(watch);
    this.#stopWatching = this.#session?.onChange(() => this.#soon()) ?? (() => {});
    // Before all kept events, so that it starts with the base.
    this.#nextSeq = 0;
    this.#nextPicture = 0;
    this.#flush();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, GATHER_MS);
  }

  #flush(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#listIsOld) {
      this.#listIsOld = false;
      const message: ViewMessage = { type: 'sessions', sessions: this.#store.list() };
      this.#send(JSON.stringify(message));
    }
    const session = this.#session;
    if (!session) return;
    const { ring } = session;
    if (this.#nextSeq < ring.firstSeq) {
      this.#send(
        `{"type":"reset","session":"${session.id}","base":[${session.base.join()}],"nextSeq":${ring.firstSeq}}`,
      );
      this.#nextSeq = ring.firstSeq;
    }
    for (const { seq, json } of session.pictures) {
      if (seq <= this.#nextPicture) continue;
      this.#nextPicture = seq;
      this.#send(`{"type":"picture","session":"${session.id}","picture":${json}}`);
    }
    while (this.#nextSeq <= session.lastSeq) {
      if (this.#socket.bufferedAmount > MAX_WAITING) {
        this.#soon();
        break;
      }
      const batch = ring.from(this.#nextSeq, BATCH.events, BATCH.bytes);
      if (batch.length === 0) break;
      const events = batch.map(({ seq, json }) => `[${seq},${json}]`).join();
      this.#send(`{"type":"events","session":"${session.id}","events":[${events}]}`);
      this.#nextSeq = (batch.at(-1)?.seq ?? this.#nextSeq) + 1;
    }
  }

  #send(text: string): void {
    this.#socket.send(text, () => {});
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#stopWatching();
    for (const stop of this.#stops) stop();
  }
}
