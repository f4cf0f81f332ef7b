import { llm } from '@livekit/agents';
import { ID_PREFIX, stillWhole } from '../models/openai-context.ts';
import { missingMember } from './missing-member.ts';

/** The used members of the OpenAI plugin's session, and of plugins that inherit it. Private. */
interface OpenAISession extends llm.RealtimeSession {
  /** The acknowledged conversation. The plugin replaces it by an empty one for each connection. */
  remoteChatCtx: Remote;
  /** The events that turn the service's conversation into this context. */
  createChatCtxUpdateEvents(context: llm.ChatContext, ...more: unknown[]): Promise<ClientEvent[]>;
}

interface Remote {
  get(itemId: string): { readonly item: llm.ChatItem } | null;
  toChatCtx(): llm.ChatContext;
}

interface ClientEvent {
  readonly type: string;
  readonly event_id?: string;
  readonly item?: { readonly id: string };
}

/** The used part of a server event; nothing about it is guaranteed. */
interface ServerEvent {
  readonly type?: unknown;
  readonly item?: {
    readonly id?: unknown;
    readonly type?: unknown;
    readonly call_id?: unknown;
    readonly name?: unknown;
    readonly arguments?: unknown;
  } | null;
  readonly error?: { readonly event_id?: unknown } | null;
}

/** Messages that were written on a connection when it opened. */
interface Restored {
  /** In order. */
  readonly items: readonly llm.ChatItem[];
  /** Those that are not acknowledged: their ids, with those of their events. */
  readonly pending: Map<string, string | undefined>;
}

const MEMBERS = [
  'remoteChatCtx',
  'createChatCtxUpdateEvents',
] as const satisfies readonly (keyof OpenAISession)[];

/** Calls whose results may still follow. */
const MOST_CALLS = 64;

/** A model may return the same session again. */
const kept = new WeakSet<llm.RealtimeSession>();

/**
 * Keeps the conversation of an OpenAI session whole when a new connection replaces a lost one. Call
 * it after the plugin's constructor.
 *
 * The plugin writes the conversation on the new connection, and forgets it until the service has
 * acknowledged each item. A text that is written meanwhile, or another lost connection, would
 * remove the rest. It also forgets the calls of tools, and the service refuses a result without
 * its call.
 */
export function keepOpenAIHistory(session: llm.RealtimeSession): void {
  if (kept.has(session) || missingMember(session, MEMBERS) !== undefined) return;
  kept.add(session);
  new OpenAIHistory(session as OpenAISession).patch();
}

class OpenAIHistory {
  readonly #session: OpenAISession;
  /** The plugin's context for the current connection. */
  #remote: Remote;
  /** What was written when this connection opened, until all of it is acknowledged. */
  #restored: Restored | undefined;
  /** The model's calls with their arguments, which the plugin's own items lack. */
  readonly #calls = new Map<string, llm.FunctionCall>();

  constructor(session: OpenAISession) {
    this.#session = session;
    this.#remote = session.remoteChatCtx;
  }

  patch(): void {
    const session = this.#session;
    const create = session.createChatCtxUpdateEvents.bind(session);
    session.createChatCtxUpdateEvents = (given, ...more) => {
      // The plugin writes one context after the other. What an earlier one added, such as the
      // results of tools, would be deleted by a later one that was copied before.
      const context = this.#current(stillWhole(given, this.#conversation()));
      return session.remoteChatCtx === this.#remote
        ? create(this.#withCalls(context), ...more)
        : this.#restore(context, create);
    };
    Object.defineProperty(session, 'chatCtx', { get: () => this.#conversation() });
    // The plugin emits every event before its own checks, so an error here would end the process.
    session.on('openai_server_event_received', (event: ServerEvent | null) => this.#heard(event));
  }

  /**
   * The context without pictures of an earlier connection: the plugin writes what a context has and
   * the service has not, and by then such a picture may have been withdrawn. A spoken message that
   * had no transcript when the context was copied keeps its words, or is not written: the service
   * refuses an empty one, and the plugin would have deleted the message before.
   */
  #current({ items }: llm.ChatContext): llm.ChatContext {
    const { remoteChatCtx } = this.#session;
    return new llm.ChatContext(
      items.flatMap((item) => {
        const remote = remoteChatCtx.get(item.id)?.item;
        if (item.type === 'message' && item.content.length === 0) return remote ?? [];
        return remote || !item.id.startsWith(ID_PREFIX) ? item : [];
      }),
    );
  }

  /** The plugin writes the conversation on a new connection. */
  async #restore(
    context: llm.ChatContext,
    create: OpenAISession['createChatCtxUpdateEvents'],
  ): Promise<ClientEvent[]> {
    this.#remote = this.#session.remoteChatCtx;
    this.#restored = undefined;
    // Compares the context at once with the conversation of this connection, which is empty.
    const creating = create(context);
    const items = context.items.filter(({ type }) => type === 'message');
    const pending = new Map<string, string | undefined>(items.map(({ id }) => [id, undefined]));
    this.#restored = { items, pending };
    const events = await creating;
    for (const { event_id: eventId, item } of events)
      if (item && pending.has(item.id)) pending.set(item.id, eventId);
    return events;
  }

  /** The service's conversation, with what it has not acknowledged yet of an earlier one. */
  #conversation(): llm.ChatContext {
    const { remoteChatCtx } = this.#session;
    const remote = remoteChatCtx.toChatCtx();
    if (!this.#restored) return remote;
    const { items, pending } = this.#restored;
    const earlier = items.flatMap((item) => {
      const known = remoteChatCtx.get(item.id)?.item;
      return known ?? (pending.has(item.id) ? item : []);
    });
    const ids = new Set(earlier.map(({ id }) => id));
    return new llm.ChatContext([...earlier, ...remote.items.filter(({ id }) => !ids.has(id))]);
  }

  /** The context with the complete call in front of each result. */
  #withCalls(context: llm.ChatContext): llm.ChatContext {
    const known = new Set(this.#conversation().items.map(({ id }) => id));
    const called = new Set<string>();
    const items = context.items.flatMap((item): llm.ChatItem[] => {
      if (item.type !== 'function_call' && item.type !== 'function_call_output') return [item];
      const isFirst = !called.has(item.callId);
      called.add(item.callId);
      const call = this.#calls.get(item.callId);
      if (!call || known.has(item.id)) return [item];
      if (item.type === 'function_call') return [call];
      return isFirst ? [call, item] : [item];
    });
    return new llm.ChatContext(items);
  }

  #heard(event: ServerEvent | null): void {
    switch (event?.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
        this.#acknowledge(({ id }) => id === event.item?.id);
        break;
      case 'error':
        if (event.error?.event_id)
          this.#acknowledge(({ eventId }) => eventId === event.error?.event_id);
        break;
      case 'response.output_item.done':
        this.#remember(event.item);
        break;
    }
  }

  /** The service accepted or refused an item. */
  #acknowledge(isIt: (item: { id: string; eventId: string | undefined }) => boolean): void {
    const { pending } = this.#restored ?? {};
    for (const [id, eventId] of pending ?? []) if (isIt({ id, eventId })) pending?.delete(id);
    if (pending?.size === 0) this.#restored = undefined;
  }

  #remember(item: ServerEvent['item']): void {
    if (item?.type !== 'function_call') return;
    const { id, call_id: callId, name, arguments: args } = item;
    if (!isText(id) || !isText(callId) || !isText(name) || !isText(args)) return;
    this.#calls.set(callId, llm.FunctionCall.create({ id, callId, name, args }));
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MOST_CALLS && oldest !== undefined) this.#calls.delete(oldest);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
