import { randomUUID } from 'node:crypto';
import type { llm } from '@livekit/agents';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { toDataUrl } from '../frames/image-content.ts';
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

export interface OpenAISinkOptions {
  /** Pictures that stay in the server's conversation; older ones are deleted there. */
  keepPictures: number;
  /** How closely the model looks; more costs more tokens. */
  detail: 'auto' | 'low' | 'high';
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
const OPEN = 1;
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
  { keepPictures, detail }: OpenAISinkOptions,
): RealtimeVideoSink {
  let socket: Socket | undefined;
  /** Another object whenever the model has lost what it saw. */
  let sight: object | undefined;
  /** Items of this connection, oldest first. */
  let items: string[] = [];
  const unacknowledged = new Set<string>();

  const send = (event: object) => socket?.send(JSON.stringify(event));

  const forgetConnection = (ended: Socket) => {
    if (socket !== ended) return;
    // What the server acknowledged would be sent again on the next connection: a stale picture.
    for (const id of items) if (session.remoteChatCtx.get(id)) session.remoteChatCtx.delete(id);
    items = [];
    unacknowledged.clear();
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

  /** Deletes what is too old. The server knows only what it has acknowledged. */
  const prune = () => {
    while (items.length > keepPictures && !unacknowledged.has(items[0] ?? '')) {
      const oldest = items.shift();
      send({ type: 'conversation.item.delete', event_id: `${oldest}_delete`, item_id: oldest });
    }
  };

  /** The server has it, or will not take it. */
  const acknowledge = (id: string, taken: boolean) => {
    if (!unacknowledged.delete(id)) return;
    if (!taken) items = items.filter((item) => item !== id);
    prune();
  };

  // The plugin hands on whatever came, before its own care begins: an error here ends the process.
  session.on('openai_server_event_received', (event: ServerEvent | null) => {
    switch (event?.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
        acknowledge(text(event.item?.id), true);
        break;
      case 'error':
        acknowledge(text(event.error?.event_id).replace(/_create$/, ''), false);
        break;
      case 'conversation.item.deleted': {
        // Not by us: the plugin deletes what the context of a new agent does not have.
        const left = items.filter((item) => item !== event.item_id);
        if (left.length < items.length && left.length === 0) sight = {};
        items = left;
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
    push(image, label) {
      if (!socket) return 'not-connected';
      if (socket.readyState !== OPEN) return 'closed';
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return 'backpressure';
      if (unacknowledged.size >= MAX_UNACKNOWLEDGED) return 'backpressure';
      const id = `${ID_PREFIX}${randomUUID().replaceAll('-', '').slice(0, 20)}`;
      send({
        type: 'conversation.item.create',
        event_id: `${id}_create`,
        item: {
          id,
          type: 'message',
          role: 'user',
          content: [
            ...(label ? [{ type: 'input_text', text: label }] : []),
            { type: 'input_image', image_url: toDataUrl(image), detail },
          ],
        },
      });
      unacknowledged.add(id);
      items.push(id);
      prune();
      return 'sent';
    },
  };
}

/** As far as it is used; nothing of it is sure. */
interface ServerEvent {
  type?: unknown;
  item?: { id?: unknown } | null;
  item_id?: unknown;
  error?: { event_id?: unknown } | null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
