import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type ByteStreamInfo,
  ByteStreamWriter,
  type TextStreamInfo,
  TextStreamWriter,
} from '@livekit/rtc-node';
import { LATENCY } from './latency.ts';
import type { Endpoint, Member, StreamKind } from './member.ts';
import type { LoopbackNetwork } from './network.ts';

/** Options of rtc-node's methods for streams. */
export interface StreamOptions {
  topic?: string;
  attributes?: Record<string, string>;
  destinationIdentities?: string[];
  streamId?: string;
  /** Attributes the stream to another participant, such as the user whose speech it transcribes. */
  senderIdentity?: string;
  name?: string;
  mimeType?: string;
  totalSize?: number;
}

/** Largest chunk that the engine sends, in bytes. */
const MAX_CHUNK = 15_000;

/** Sends data streams, as rtc-node's `LocalParticipant` does. */
export class StreamSender {
  readonly #member: Member;
  readonly #network: LoopbackNetwork;

  constructor(member: Member, network: LoopbackNetwork) {
    this.#member = member;
    this.#network = network;
  }

  async streamBytes(options: StreamOptions = {}): Promise<ByteStreamWriter> {
    const { name = 'unknown', mimeType = 'application/octet-stream' } = options;
    const info: ByteStreamInfo = { ...infoOf(options, mimeType), name };
    const sink = await this.#open('bytes', info, options);
    return new ByteStreamWriter(new WritableStream<Uint8Array>(sink), info);
  }

  async streamText(options: StreamOptions = {}): Promise<TextStreamWriter> {
    const info = infoOf(options, 'text/plain');
    const { write, close } = await this.#open('text', info, options);
    const encoder = new TextEncoder();
    return new TextStreamWriter(
      new WritableStream<string>({ write: (text) => write(encoder.encode(text)), close }),
      info,
    );
  }

  async sendText(text: string, options: StreamOptions = {}): Promise<TextStreamInfo> {
    const totalSize = new TextEncoder().encode(text).length;
    const writer = await this.streamText({ ...options, totalSize });
    if (text !== '') await writer.write(text);
    await writer.close();
    return writer.info;
  }

  async sendFile(path: string | Buffer | URL, options: StreamOptions = {}): Promise<void> {
    const bytes = await readFile(path);
    const writer = await this.streamBytes({ ...options, totalSize: bytes.length });
    await writer.write(bytes);
    await writer.close();
  }

  async #open(
    kind: StreamKind,
    info: ByteStreamInfo | TextStreamInfo,
    { destinationIdentities: to, senderIdentity }: StreamOptions,
  ) {
    const network = this.#network;
    const member = this.#member;
    const { streamId } = info;
    const later = (arrive: (endpoint: Endpoint) => void) =>
      network.sendAll(member, to, arrive, LATENCY.chunkMs);
    await sent(network, member);
    const identity = senderIdentity ?? member.identity;
    network.sendAll(member, to, ({ streams }) => streams.onHeader(kind, info, identity));
    return {
      write: async (bytes: Uint8Array): Promise<void> => {
        await sent(network, member);
        for (let at = 0; at < bytes.length; ) {
          const end = endOfChunk(bytes, at, kind);
          const chunk = bytes.slice(at, end);
          later(({ streams }) => streams.onChunk(streamId, chunk));
          at = end;
        }
      },
      close: async (): Promise<void> => {
        await sent(network, member);
        later(({ streams }) => streams.onTrailer(streamId));
      },
    };
  }
}

/** The engine takes a packet in a later tick of the event loop. @throws Error outside a room */
async function sent(network: LoopbackNetwork, member: Member): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (member.isAlive && network.members.get(member.identity) !== member)
    throw new Error('the room is disconnected');
}

const infoOf = (options: StreamOptions, mimeType: string): TextStreamInfo => ({
  streamId: options.streamId ?? randomUUID(),
  mimeType,
  topic: options.topic ?? '',
  timestamp: Date.now(),
  attributes: { ...options.attributes },
  ...(options.totalSize === undefined ? {} : { totalSize: options.totalSize }),
});

/** The end of the chunk. A text is never split inside a character. */
function endOfChunk(bytes: Uint8Array, at: number, kind: StreamKind): number {
  let end = Math.min(bytes.length, at + MAX_CHUNK);
  const isInside = () => ((bytes[end] ?? 0) & 0xc0) === 0x80;
  while (kind === 'text' && end < bytes.length && isInside()) end -= 1;
  return end;
}
