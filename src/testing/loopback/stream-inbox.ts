import {
  type ByteStreamHandler,
  type ByteStreamInfo,
  ByteStreamReader,
  type TextStreamHandler,
  type TextStreamInfo,
  TextStreamReader,
} from '@livekit/rtc-node';
import type { StreamKind, StreamPackets } from './member.ts';

/** A stream of chunks, as rtc-node's readers expect it. */
type Chunks = ConstructorParameters<typeof ByteStreamReader>[1];

/**
 * Passes incoming data streams to the handlers of their topics, as rtc-node's `Room` does. A stream
 * whose sender has left stays open, as it usually does there.
 */
export class StreamInbox implements StreamPackets {
  readonly #bytes = new Map<string, ByteStreamHandler>();
  readonly #text = new Map<string, TextStreamHandler>();
  readonly #incoming = new Map<string, ReadableStreamDefaultController<{ content: Uint8Array }>>();

  readonly handlers = {
    registerByteStreamHandler: (topic: string, handler: ByteStreamHandler): void =>
      setOnce(this.#bytes, 'byte', topic, handler),
    unregisterByteStreamHandler: (topic: string): void => void this.#bytes.delete(topic),
    registerTextStreamHandler: (topic: string, handler: TextStreamHandler): void =>
      setOnce(this.#text, 'text', topic, handler),
    unregisterTextStreamHandler: (topic: string): void => void this.#text.delete(topic),
  };

  onHeader(kind: StreamKind, info: ByteStreamInfo | TextStreamInfo, identity: string): void {
    const sender = { identity };
    const chunks = () => this.#chunks(info.streamId);
    if (kind === 'bytes')
      this.#bytes.get(info.topic)?.(
        new ByteStreamReader(info as ByteStreamInfo, chunks(), info.totalSize),
        sender,
      );
    else this.#text.get(info.topic)?.(new TextStreamReader(info, chunks(), info.totalSize), sender);
  }

  onChunk(streamId: string, content: Uint8Array): void {
    if (content.length > 0) this.#incoming.get(streamId)?.enqueue({ content });
  }

  onTrailer(streamId: string): void {
    this.#incoming.get(streamId)?.close();
    this.#incoming.delete(streamId);
  }

  /** The room is left. */
  close(): void {
    for (const controller of this.#incoming.values())
      controller.error(new Error('Disconnected while receiving'));
    this.#incoming.clear();
  }

  #chunks(streamId: string): Chunks {
    const stream = new ReadableStream<{ content: Uint8Array }>({
      start: (controller) => void this.#incoming.set(streamId, controller),
      cancel: () => void this.#incoming.delete(streamId),
    });
    return stream as Chunks;
  }
}

function setOnce<H>(handlers: Map<string, H>, kind: string, topic: string, handler: H): void {
  // The same text as in rtc-node.
  if (handlers.has(topic))
    throw new Error(`A ${kind} stream handler for topic "${topic}" has already been set.`);
  handlers.set(topic, handler);
}
