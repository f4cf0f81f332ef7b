import { randomUUID } from 'node:crypto';
import type { EncodedImage } from '../frames/encode.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { SourceId } from '../source.ts';
import { doneWithin } from '../time-limit.ts';
import { ID_PREFIX, idsOf, whole } from './openai-context.ts';
import type { OpenAIRealtimeSession, OpenAISocket } from './openai-session.ts';
import type { RealtimeVideoSink } from './video-sink.ts';

/** A picture that the service refused. */
export interface PictureRefusal {
  reason: string;
  /** The service takes no pictures at all: no more are sent on this connection. */
  isForGood: boolean;
}

export interface OpenAISinkOptions {
  /** Pictures of each source that stay in the server's conversation; older ones are deleted. */
  keepPictures: number;
  /** How closely the model looks; a higher detail costs more tokens. */
  detail: 'auto' | 'low' | 'high';
  onRefused?: (refusal: PictureRefusal) => void;
}

/** A picture in the model's conversation. */
interface Shown {
  image: EncodedImage;
  sourceId: SourceId | undefined;
}

/** The picture for OpenAI's models, as in Python's framework. WebP is refused. */
export const OPENAI_PICTURE: EncodeOptions = {
  format: 'jpeg',
  quality: 75,
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/**
 * The same for a shared screen, whose text is small. OpenAI scales a picture until its shorter side
 * is at most 768 pixels: 1366 for a screen of 16:9.
 */
export const OPENAI_SCREEN: EncodeOptions = {
  ...OPENAI_PICTURE,
  resize: { width: 1366, height: 1366, strategy: 'scale_aspect_fit' },
};

/** Bytes that may be buffered in the socket before a picture is held back. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** Most pictures that the server has not acknowledged yet. */
const MAX_UNACKNOWLEDGED = 2;
/** Refusals in a row, without an accepted picture on this connection, before no more are sent. */
const MAX_REFUSED = 4;
const OPEN = 1;
/** How long the server may take to delete an item before a text is written anyway, in ms. */
const DELETE_LIMIT_MS = 1000;

/**
 * OpenAI Realtime: a picture is a conversation item. The newest `keepPictures` of each source stay:
 * a camera that moves does not push out the picture of a still screen. All of them are dropped with
 * their connection, because the plugin would replay them on the next one.
 *
 * The socket comes from the plugin's `runWs`, so create the sink before the session connects. Until
 * then, and between two connections, the result is `not-connected`.
 */
export function openaiVideoSink(
  session: OpenAIRealtimeSession,
  { keepPictures, detail, onRefused }: OpenAISinkOptions,
): RealtimeVideoSink {
  let socket: OpenAISocket | undefined;
  /** A new object whenever the model has lost what it saw. */
  let sight: object | undefined;
  /** The pictures of this connection by item, oldest first; `undefined`: taken away since. */
  const items = new Map<string, Shown | undefined>();
  /** The item of the newest note about each source. */
  const notes = new Map<SourceId, string>();
  const unacknowledged = new Set<string>();
  /** Items whose deletion the server has not confirmed; the plugin still refers to them. */
  const leaving = new Set<string>();
  /** Called when all deletions are confirmed. */
  const onLeft = new Set<() => void>();
  /** Called when everything is acknowledged. */
  const waiting = new Set<() => void>();
  let taken = 0;
  let refused = 0;
  /** Number of chat contexts that are being written; what they refer to is kept. */
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

  const forgetConnection = (ended: OpenAISocket) => {
    if (socket !== ended) return;
    // The plugin would send acknowledged items again on the next connection: stale pictures, and
    // those whose deletion was lost with this connection.
    for (const id of [...items.keys(), ...leaving, ...notes.values()])
      if (session.remoteChatCtx.get(id)) session.remoteChatCtx.delete(id);
    notes.clear();
    items.clear();
    taken = 0;
    refused = 0;
    unacknowledged.clear();
    release();
    for (const id of leaving) left(id);
    socket = undefined;
  };

  const runWs = session.runWs.bind(session);
  session.runWs = async (opened: OpenAISocket) => {
    socket = opened;
    sight = {};
    // The plugin proceeds to the next connection without waiting for this one to close.
    opened.once('close', () => forgetConnection(opened));
    try {
      await runWs(opened);
    } finally {
      forgetConnection(opened);
    }
  };

  // The plugin waits for a message to send, notices the close, and only then disconnects.
  const close = session.close.bind(session);
  session.close = async () => {
    await close();
    socket?.close();
  };

  /**
   * Deletes old pictures once the newer ones are acknowledged: the plugin inserts its next item
   * after the last one that it knows, which must exist.
   */
  const prune = () => {
    if (writing > 0) return;
    const known = [...items.keys()].filter((id) => !unacknowledged.has(id));
    for (const id of known.filter((id) => isOutdated(id, known))) {
      items.delete(id);
      deleteItem(id);
    }
  };

  /** Whether it was taken away, or enough newer pictures of its source are in the conversation. */
  const isOutdated = (id: string, known: readonly string[]) => {
    const shown = items.get(id);
    if (!shown) return true;
    const newer = known.slice(known.indexOf(id) + 1).flatMap((other) => items.get(other) ?? []);
    return newer.filter(({ sourceId }) => sourceId === shown.sourceId).length >= keepPictures;
  };

  const deleteItem = (id: string) => {
    leaving.add(id);
    if (socket?.readyState !== OPEN) return;
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

  /** The server accepted it. */
  const acknowledge = (id: string) => {
    if (!unacknowledged.delete(id)) return;
    taken += 1;
    // The plugin adds it to its own list after this event, and can refer to it only then.
    queueMicrotask(() => {
      prune();
      release();
    });
  };

  /** The server refused it. */
  const refuse = (id: string, reason: string) => {
    if (!unacknowledged.delete(id)) return;
    items.delete(id);
    refused += 1;
    onRefused?.({ reason, isForGood: isBlind() && refused === MAX_REFUSED });
    release();
  };

  const isBlind = () => taken === 0 && refused >= MAX_REFUSED;

  const update = session.updateChatCtx.bind(session);
  session.updateChatCtx = async (context) => {
    writing += 1;
    const before = idsOf(session.chatCtx);
    try {
      await noneLeaves();
      await update(whole(context, session.chatCtx, before));
    } finally {
      writing -= 1;
      prune();
    }
  };

  // The plugin emits every event before its own checks, so an error here would end the process.
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
        // Deleted by the plugin: the context of a new agent does not contain it.
        if (items.delete(text(event.item_id)) && items.size === 0) sight = {};
        break;
      }
    }
  });

  return {
    picture: OPENAI_PICTURE,
    screenPicture: OPENAI_SCREEN,
    takesTiles: true,
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
    push(image, origin) {
      if (!socket) return 'not-connected';
      if (socket.readyState !== OPEN) return 'closed';
      if (isBlind()) return 'refused';
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return 'backpressure';
      if (unacknowledged.size >= MAX_UNACKNOWLEDGED) return 'backpressure';
      const whole = { ...image, label: origin?.label };
      const content = [whole, ...(image.tiles ?? [])].flatMap(({ label, ...one }) => [
        ...(label ? [{ type: 'input_text', text: label }] : []),
        { type: 'input_image', image_url: toDataUrl(one), detail },
      ]);
      const id = create('user', content);
      items.set(id, { image, sourceId: origin?.sourceId });
      unacknowledged.add(id);
      return 'sent';
    },
    forget(image) {
      for (const [id, shown] of items) if (shown?.image === image) items.set(id, undefined);
      prune();
    },
    forgetSource(sourceId) {
      for (const [id, shown] of items) if (shown?.sourceId === sourceId) items.set(id, undefined);
      prune();
    },
    note(sourceId, line) {
      if (socket?.readyState !== OPEN) return 'not-connected';
      const before = notes.get(sourceId);
      if (before && session.remoteChatCtx.get(before)) deleteItem(before);
      notes.set(sourceId, create('system', [{ type: 'input_text', text: line }]));
      return 'sent';
    },
  };
}

/** The used part of a server event; nothing about it is guaranteed. */
interface ServerEvent {
  type?: unknown;
  item?: { id?: unknown } | null;
  item_id?: unknown;
  error?: { event_id?: unknown; code?: unknown; message?: unknown } | null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
