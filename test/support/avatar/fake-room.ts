import { EventEmitter } from 'node:events';
import {
  ByteStreamReader,
  ParticipantKind,
  type Room,
  RoomEvent,
  type RpcInvocationData,
} from '@livekit/rtc-node';

type Chunk = { content: Uint8Array };
type StreamHandler = (reader: ByteStreamReader, sender: { identity: string }) => void;
type RpcHandler = (data: RpcInvocationData) => Promise<string>;

/** A byte stream that is being sent into a `FakeRoom`. */
export interface FakeStream {
  write(bytes: Uint8Array): void;
  end(): void;
  breakOff(): void;
  /** Whether the receiver stopped reading. */
  readonly cancelled: boolean;
}

export interface Call {
  destinationIdentity: string;
  method: string;
  payload: string;
}

/** The part of a room that an avatar's receiver uses, without a server. */
export class FakeRoom extends EventEmitter {
  isConnected = true;
  readonly remoteParticipants = new Map<
    string,
    { kind: ParticipantKind; attributes: Record<string, string> }
  >();
  readonly calls: Call[] = [];
  readonly rpcHandlers = new Map<string, RpcHandler>();
  readonly streamHandlers = new Map<string, StreamHandler>();
  /** Answers an RPC of the avatar. */
  answer: (call: Call) => Promise<string> = async () => 'ok';
  readonly localParticipant = {
    registerRpcMethod: (method: string, handler: RpcHandler) =>
      this.rpcHandlers.set(method, handler),
    unregisterRpcMethod: (method: string) => this.rpcHandlers.delete(method),
    performRpc: ({ destinationIdentity, method, payload }: Call) => {
      const call = { destinationIdentity, method, payload };
      this.calls.push(call);
      this.emit('call');
      return this.answer(call);
    },
  };
  #streams = 0;

  get asRoom(): Room {
    return this as unknown as Room;
  }

  registerByteStreamHandler(topic: string, handler: StreamHandler): void {
    if (this.streamHandlers.has(topic)) throw new Error('a handler is set already');
    this.streamHandlers.set(topic, handler);
  }

  unregisterByteStreamHandler(topic: string): void {
    this.streamHandlers.delete(topic);
  }

  join(
    identity: string,
    kind = ParticipantKind.AGENT,
    attributes: Record<string, string> = {},
  ): void {
    this.remoteParticipants.set(identity, { kind, attributes });
    this.emit(RoomEvent.ParticipantConnected);
  }

  leave(identity: string): void {
    this.remoteParticipants.delete(identity);
  }

  /** A participant opens a stream of speech. */
  open(
    identity: string,
    attributes: Record<string, string> = { sample_rate: '16000', num_channels: '1' },
  ): FakeStream {
    let controller: ReadableStreamDefaultController<Chunk> | undefined;
    let cancelled = false;
    const stream = new ReadableStream<Chunk>({
      start: (opened) => {
        controller = opened;
      },
      cancel: () => {
        cancelled = true;
      },
    });
    this.#streams += 1;
    const streamId = `stream-${this.#streams}`;
    const info = {
      ...{ streamId, name: `AUDIO_${this.#streams}`, topic: 'lk.audio_stream', attributes },
      ...{ mimeType: 'application/octet-stream', timestamp: 0 },
    };
    const handler = this.streamHandlers.get('lk.audio_stream');
    handler?.(new ByteStreamReader(info, stream as never), { identity });
    return {
      write: (content) => {
        if (!cancelled) controller?.enqueue({ content });
      },
      end: () => {
        if (!cancelled) controller?.close();
      },
      breakOff: () => controller?.error(new Error('the sender left')),
      get cancelled() {
        return cancelled;
      },
    };
  }

  /** A participant asks the avatar to clear its buffer. */
  async clear(callerIdentity: string): Promise<string> {
    const handler = this.rpcHandlers.get('lk.clear_buffer');
    if (!handler) throw new Error('nobody answers');
    return handler({ callerIdentity, requestId: '1', payload: '', responseTimeout: 8000 });
  }

  /** Everything that a receiver could leave behind. */
  get attached(): number {
    return this.streamHandlers.size + this.rpcHandlers.size + this.#listeners();
  }

  #listeners(): number {
    const events = [RoomEvent.ParticipantConnected, RoomEvent.ConnectionStateChanged];
    return events.reduce((sum, event) => sum + this.listenerCount(event), 0);
  }
}
