import { once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';
import { assign, createMachine, fromCallback, setup } from 'xstate';
import type { InspectorServer } from '../../src/inspect/index.ts';
import type { SessionSummary, ViewMessage } from '../../src/inspect/view.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';
import { within } from '../../src/testing/waits.ts';

// Keeps the tests away from an inspector that already runs on this machine.
process.env.SIGHTLINE_INSPECT_FILE = join(import.meta.dirname, 'no-inspector-here.json');

/** A lamp with a child that counts while it is on. */
export const lamp = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'press' } },
  actors: { glow: fromCallback(() => {}) },
  actions: { count: assign(({ context }) => ({ count: context.count + 1 })) },
}).createMachine({
  id: 'lamp',
  context: { count: 0 },
  initial: 'off',
  states: {
    off: { on: { press: { target: 'on', actions: 'count' } } },
    on: { invoke: { src: 'glow', id: 'glow' }, on: { press: 'off' } },
  },
});

/** A machine whose context is this value. */
export const holding = (context: object) =>
  createMachine({ id: 'holding', context: () => ({ ...context }), on: { poke: {} } });

/** Messages of an agent process. */
export const actorMessage = (sessionId: string, more: object = {}): WireEvent => ({
  type: '@xstate.actor',
  sessionId,
  name: sessionId,
  createdAt: '1',
  id: null,
  _version: 'test',
  ...more,
});

export const snapshotMessage = (
  sessionId: string,
  value: unknown,
  more: object = {},
): WireEvent => ({
  type: '@xstate.snapshot',
  sessionId,
  createdAt: '2',
  id: null,
  _version: 'test',
  event: { type: 'go' },
  snapshot: { status: 'active', value, ...more },
});

/** A client that speaks to the inspector's server directly. */
export async function connectRaw(url: string, origin?: string): Promise<WebSocket> {
  const socket = new WebSocket(url, origin === undefined ? {} : { origin });
  await within('connection', once(socket, 'open'));
  return socket;
}

/** The HTTP status with which a connection is refused. */
export function refusal(url: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  return within(
    'refusal',
    new Promise((resolve) => {
      socket.on('open', () => {
        socket.close();
        resolve(101);
      });
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
    }),
  );
}

/** Messages to a page. */
export class TestViewer {
  sessions: SessionSummary[] = [];
  base: WireEvent[] = [];
  events: [number, WireEvent][] = [];
  resets = 0;
  pictures = 0;
  readonly #socket: WebSocket;
  #look = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ViewMessage;
      if (message.type === 'sessions') this.sessions = message.sessions;
      if (message.type === 'picture') this.pictures++;
      if (message.type === 'events') this.events.push(...message.events);
      if (message.type === 'reset') {
        this.resets++;
        this.base = message.base;
        this.events = [];
      }
      this.#look();
    });
  }

  static async open(server: InspectorServer): Promise<TestViewer> {
    const { origin } = new URL(server.url);
    const url = `${server.url.replace('http:', 'ws:')}view`;
    const socket = new WebSocket(url, { origin });
    const viewer = new TestViewer(socket);
    await within('connection of a page', once(socket, 'open'));
    return viewer;
  }

  watch(session: string): void {
    this.#socket.send(JSON.stringify({ watch: session }));
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** Waits for a message after which the condition holds. */
  until(what: string, holds: (viewer: this) => boolean): Promise<void> {
    return within(
      what,
      new Promise((resolve) => {
        this.#look = () => {
          if (holds(this)) resolve();
        };
        this.#look();
      }),
    );
  }

  /** The state values of an actor in the messages so far. */
  valuesOf(name: string): unknown[] {
    const all = [...this.base, ...this.events.map(([, event]) => event)];
    const ids = all.flatMap((event) =>
      event.type === '@xstate.actor' && event.name === name ? event.sessionId : [],
    );
    return all.flatMap((event) => {
      if (!ids.includes(event.sessionId)) return [];
      const value = 'snapshot' in event ? event.snapshot?.value : undefined;
      return value === undefined ? [] : [value];
    });
  }

  /** Whether the messages contain an event of this type. */
  saw(type: string): boolean {
    return this.events.some(([, event]) => 'event' in event && event.event?.type === type);
  }

  close(): void {
    this.#socket.terminate();
  }
}
