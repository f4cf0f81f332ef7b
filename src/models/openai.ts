import { randomUUID } from 'node:crypto';
import type { llm } from '@livekit/agents';
import type { EncodedImage } from '../frames/encode.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { toDataUrl } from '../frames/image-content.ts';
import { doneWithin } from '../time-limit.ts';
import type { RealtimeVideoSink } from './video-sink.ts';

/** The part of a `ws` socket that is used. */
interface Socket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(): void;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * The members of the OpenAI plugin's session that are used, also by plugins that inherit it, such
 * as xAI's. `runWs` and `remoteChatCtx` are private in its types;
 * `test/integration/plugin-contract.test.ts` fails when a version no longer has one.
 */
interface OpenAIRealtimeSession extends llm.RealtimeSession {
  sendEvent(event: { type: string }): void;
  /** Called by the plugin for each connection, once it is open. */
  runWs(socket: Socket): Promise<void>;
  /** What the server's conversation holds, as far as it was acknowledged. */
  remoteChatCtx: { get(itemId: string): unknown; delete(itemId: string): void };
}

/** A picture that the service did not take. */
export interface PictureRefusal {
  reason: string;
  /** It takes none at all: no more is sent on this connection. */
  isForGood: boolean;
}

export interface OpenAISinkOptions {
  /** Pictures that stay in the server's conversation; older ones are deleted there. */
  keepPictures: number;
  /** How closely the model looks; more costs more tokens. */
  detail: 'auto' | 'low' | 'high';
  onRefused?: (refusal: PictureRefusal) => void;
}

/** The picture that OpenAI's models get, as the Python framework sends it. WebP is refused. */
export const OPENAI_PICTURE: EncodeOptions = {
  format: 'jpeg',
  quality: 75,
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/** Bytes that may wait in the socket before a picture is held back. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** Pictures that the server has not acknowledged yet. */
const MAX_UNACKNOWLEDGED = 2;
/** Refusals in a row, without any picture taken on this connection, after which none is sent. */
const MAX_REFUSED = 4;
const OPEN = 1;
/** How long the server may take to delete an item before a text is written all the same, in ms. */
const DELETE_LIMIT_MS = 1000;
const ID_PREFIX = 'sightline_';

/** Whether this is a session of the OpenAI plugin, or of one that inherits it. */
export function isOpenAISession(session: llm.RealtimeSession): session is OpenAIRealtimeSession {
  return 'sendEvent' in session && 'runWs' in session && 'remoteChatCtx' in session;
}

/** As {@link isOpenAISession}, of a session in the making: it has its methods, and no fields yet. */
export const opensByConstructor = (session: llm.RealtimeSession): boolean =>
  'sendEvent' in session && 'runWs' in session;

/**
 * OpenAI Realtime: a picture is a conversation item. The newest `keepPictures` stay; all of them go
 * with their connection, since the plugin would replay them on the next one.
 *
 * It learns the socket from the plugin's `runWs`, so it has to be made before the session connects:
 * until then, and between two connections, the result is `not-connected`.
 */
export function openaiVideoSink(
  session: OpenAIRealtimeSession,
  { keepPictures, detail, onRefused }: OpenAISinkOptions,
): RealtimeVideoSink {
  let socket: Socket | undefined;
  /** Another object whenever the model has lost what it saw. */
  let sight: object | undefined;
  /** Items of this connection, oldest first. */
  let items: string[] = [];
  /** The pictures that are in the model's conversation, by item. */
  const images = new Map<string, EncodedImage>();
  /** The item of the newest note. */
  let noted: string | undefined;
  const unacknowledged = new Set<string>();
  /** Items that the server was asked to delete: until it has, the plugin takes them to be there. */
  const leaving = new Set<string>();
  /** Called when none of them is left. */
  const onLeft = new Set<() => void>();
  /** Called when nothing is unacknowledged any more. */
  const waiting = new Set<() => void>();
  let taken = 0;
  let refused = 0;
  /** Chat contexts that are being written: what they refer to stays. */
  let writing = 0;

  const send = (event: object) => socket?.send(JSON.stringify(event));

  const release = () => {
    if (unacknowledged.size > 0) return;
    for (const done of waiting) done();
    waiting.clear();
  };

  const left = (id: string) => {
    leaving.delete(id);
    if (leaving.size > 0) return;
    for (const done of onLeft) done();
    onLeft.clear();
  };

  const forgetConnection = (ended: Socket) => {
    if (socket !== ended) return;
    // What the server acknowledged would be sent again on the next connection: a stale picture.
    for (const id of items) if (session.remoteChatCtx.get(id)) session.remoteChatCtx.delete(id);
    if (noted && session.remoteChatCtx.get(noted)) session.remoteChatCtx.delete(noted);
    noted = undefined;
    items = [];
    images.clear();
    taken = 0;
    refused = 0;
    unacknowledged.clear();
    release();
    for (const id of leaving) left(id);
    socket = undefined;
    sight = undefined;
  };

  const runWs = session.runWs.bind(session);
  session.runWs = async (opened: Socket) => {
    socket = opened;
    sight = {};
    // The plugin goes on to the next connection when it is done, whether this one is closed or not.
    opened.once('close', () => forgetConnection(opened));
    try {
      await runWs(opened);
    } finally {
      forgetConnection(opened);
    }
  };

  // The plugin waits for something to send, sees then that it is closed, and only then hangs up.
  const close = session.close.bind(session);
  session.close = async () => {
    await close();
    socket?.close();
  };

  /**
   * Deletes what is too old, once the newer ones are acknowledged: what the plugin writes next goes
   * after the last item that it knows of, which has to be there.
   */
  const prune = () => {
    if (writing > 0) return;
    const known = items.filter((id) => !unacknowledged.has(id));
    const isTooMany = known.slice(0, Math.max(0, known.length - keepPictures));
    for (const id of [...isTooMany, ...known.filter((id) => !images.has(id))]) remove(id);
  };

  const remove = (id: string) => {
    if (!items.includes(id)) return;
    items = items.filter((item) => item !== id);
    images.delete(id);
    deleteItem(id);
  };

  const deleteItem = (id: string) => {
    if (socket?.readyState !== OPEN) return;
    leaving.add(id);
    send({ type: 'conversation.item.delete', event_id: `${id}_delete`, item_id: id });
  };

  /** What is written goes behind the last item that the plugin knows of: it has to be there. */
  const noneLeaves = (): Promise<void> =>
    leaving.size === 0
      ? Promise.resolve()
      : doneWithin(DELETE_LIMIT_MS, new Promise<void>((resolve) => onLeft.add(resolve)));

  const create = (role: 'user' | 'system', content: readonly object[]): string => {
    const id = `${ID_PREFIX}${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    const item = { id, type: 'message', role, content };
    send({ type: 'conversation.item.create', event_id: `${id}_create`, item });
    return id;
  };

  /** The server has it. */
  const acknowledge = (id: string) => {
    if (!unacknowledged.delete(id)) return;
    taken += 1;
    // The plugin puts it into its own list after this: only then it may refer to it.
    queueMicrotask(() => {
      prune();
      release();
    });
  };

  /** The server will not take it. */
  const refuse = (id: string, reason: string) => {
    if (!unacknowledged.delete(id)) return;
    items = items.filter((item) => item !== id);
    images.delete(id);
    refused += 1;
    onRefused?.({ reason, isForGood: isBlind() && refused === MAX_REFUSED });
    release();
  };

  const isBlind = () => taken === 0 && refused >= MAX_REFUSED;

  const update = session.updateChatCtx.bind(session);
  session.updateChatCtx = async (context) => {
    writing += 1;
    try {
      await noneLeaves();
      await update(withPictures(context, session.chatCtx));
    } finally {
      writing -= 1;
      prune();
    }
  };

  // The plugin hands on whatever came, before its own care begins: an error here ends the process.
  session.on('openai_server_event_received', (event: ServerEvent | null) => {
    switch (event?.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
        acknowledge(text(event.item?.id));
        break;
      case 'error':
        left(text(event.error?.event_id).replace(/_delete$/, ''));
        refuse(
          text(event.error?.event_id).replace(/_create$/, ''),
          text(event.error?.message) || text(event.error?.code),
        );
        break;
      case 'conversation.item.deleted': {
        left(text(event.item_id));
        // Not by us: the plugin deletes what the context of a new agent does not have.
        const others = items.filter((item) => item !== event.item_id);
        if (others.length < items.length && others.length === 0) sight = {};
        items = others;
        images.delete(text(event.item_id));
        break;
      }
    }
  });

  return {
    picture: OPENAI_PICTURE,
    connection: () => (socket?.readyState === OPEN ? sight : undefined),
    // The plugin reconnects by itself.
    isSilentlyClosed: () => false,
    revive: () => false,
    labelsInPicture: false,
    acknowledged: () =>
      new Promise((resolve) => {
        waiting.add(resolve);
        release();
      }),
    push(image, label) {
      if (!socket) return 'not-connected';
      if (socket.readyState !== OPEN) return 'closed';
      if (isBlind()) return 'refused';
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return 'backpressure';
      if (unacknowledged.size >= MAX_UNACKNOWLEDGED) return 'backpressure';
      const id = create('user', [
        ...(label ? [{ type: 'input_text', text: label }] : []),
        { type: 'input_image', image_url: toDataUrl(image), detail },
      ]);
      images.set(id, image);
      unacknowledged.add(id);
      items.push(id);
      return 'sent';
    },
    forget(image) {
      for (const [id, shown] of images) if (shown === image) images.delete(id);
      prune();
    },
    note(line) {
      if (socket?.readyState !== OPEN) return 'not-connected';
      if (noted && session.remoteChatCtx.get(noted)) deleteItem(noted);
      noted = create('system', [{ type: 'input_text', text: line }]);
      return 'sent';
    },
  };
}

/** As far as it is used; nothing of it is sure. */
interface ServerEvent {
  type?: unknown;
  item?: { id?: unknown } | null;
  item_id?: unknown;
  error?: { event_id?: unknown; code?: unknown; message?: unknown } | null;
}

/**
 * A context with the pictures that the server has now, before what is new: it was made before the
 * newest of them, and the plugin would delete what it does not have.
 */
function withPictures(context: llm.ChatContext, server: llm.ChatContext): llm.ChatContext {
  const isOurs = ({ id }: llm.ChatItem) => id.startsWith(ID_PREFIX);
  const known = new Set(server.items.map(({ id }) => id));
  const last = context.items.at(-1);
  if (!last || known.has(last.id)) return context;
  // Another agent's context takes the place of this one: the pictures go with it.
  const goesOn = context.items.some(({ id }) => known.has(id)) || server.items.every(isOurs);
  if (!goesOn) return context;
  const copy = context.copy();
  const kept = copy.items.filter((item) => !isOurs(item) || known.has(item.id));
  const added = server.items.filter(
    (item) => isOurs(item) && !kept.some(({ id }) => id === item.id),
  );
  const firstNew = kept.findIndex((item) => !known.has(item.id));
  copy.items = [...kept.slice(0, firstNew), ...added, ...kept.slice(firstNew)];
  return copy;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
