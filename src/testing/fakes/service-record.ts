import { type JsonObject, shortenedObject } from './json.ts';
import type { Picture } from './picture.ts';
import { Arrivals } from './waiting.ts';

/** A valid picture that arrived. */
export interface ReceivedFrame extends Picture {
  at: number;
  /** Id of the connection. */
  connection: number;
  /** Size of `data`. */
  bytes: number;
  data: Buffer;
  /** The field or the event that carried it. */
  via: 'realtimeInput' | 'clientContent' | 'conversation.item.create';
  /** OpenAI: id of its conversation item. */
  itemId?: string;
}

export interface LoggedMessage {
  at: number;
  connection: number;
  /** With shortened texts. */
  message: JsonObject;
}

/** Limit of the log. The oldest messages are dropped first. */
const MOST_MESSAGES = 5000;

/** Everything that a service received, and the promises of tests that wait for it. */
export class ServiceRecord {
  readonly frames: ReceivedFrame[] = [];
  readonly messages: LoggedMessage[] = [];
  readonly violations: string[] = [];
  /** Chunks of audio are counted, not kept. */
  readonly audio = { chunks: 0, bytes: 0 };
  readonly newFrame = new Arrivals<ReceivedFrame>();
  readonly newMessage = new Arrivals<LoggedMessage>();
  readonly newViolation = new Arrivals<string>();
  /** Any event. */
  readonly changed = new Arrivals<void>();

  frame(frame: Omit<ReceivedFrame, 'at' | 'bytes'>): ReceivedFrame {
    const received = { ...frame, at: Date.now(), bytes: frame.data.length };
    this.frames.push(received);
    this.newFrame.arrived(received);
    this.changed.arrived();
    return received;
  }

  message(connection: number, message: JsonObject): void {
    const logged = { at: Date.now(), connection, message: shortenedObject(message) };
    this.messages.push(logged);
    if (this.messages.length > MOST_MESSAGES) this.messages.shift();
    this.newMessage.arrived(logged);
    this.changed.arrived();
  }

  audioChunk(bytes: number): void {
    this.audio.chunks += 1;
    this.audio.bytes += bytes;
    this.changed.arrived();
  }

  violation(connection: number, what: string): void {
    const violation = `connection ${connection}: ${what}`;
    this.violations.push(violation);
    this.newViolation.arrived(violation);
    this.changed.arrived();
  }

  end(): void {
    const lists = [this.newFrame, this.newMessage, this.newViolation, this.changed];
    for (const list of lists) list.end('the fake service was closed');
  }
}
