import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { InspectionEvent } from 'xstate';
import { stamp, toWire } from './convert.ts';
import { parseWire } from './parse.ts';
import { plain } from './plain.ts';
import { MAX_MESSAGE_BYTES, type WireEvent } from './wire.ts';

/**
 * A recording is a text file of JSON lines: a {@link RecordingHeader}, then one {@link WireEvent}
 * a line in the order in which they happened. It holds events, state values and contexts of the
 * machines; no pixels, no sound, no secrets, no instructions.
 */
export interface RecordingHeader {
  format: 'sightline-recording';
  version: 1;
  /** What the page calls it. */
  name: string;
  /** In ms since the epoch. */
  startedAt: number;
}

export interface Recording {
  header: RecordingHeader;
  events: WireEvent[];
  /** Lines that were no events. */
  refused: number;
}

/** Writes what happens to a file. */
export interface Recorder {
  /** What `createActor` and `VideoSession` take as `inspect`. Never throws. */
  inspect(event: InspectionEvent): void;
  /** Writes these figures from time to time, and at the end. */
  metrics(read: () => object): void;
  /** Events that a slow disk left no room for. */
  readonly dropped: number;
  /** Done when all is in the file. Rejects where it could not be written. */
  close(): Promise<void>;
}

/** Bytes that may wait for the disk. */
const MAX_WAITING = 32 * 1024 * 1024;
const METRICS_EVERY_MS = 1000;

/** Begins a recording; what is in the file goes. */
export function createRecorder(file: string, name = 'recording'): Recorder {
  const out = createWriteStream(file, { mode: 0o600 });
  let failure: Error | undefined;
  let nextId = 1;
  let dropped = 0;
  out.on('error', (error) => {
    failure ??= error;
  });
  let rootId = 'agent';
  let writeMetrics = () => {};
  let timer: NodeJS.Timeout | undefined;
  const write = (value: RecordingHeader | WireEvent) => out.write(`${JSON.stringify(value)}\n`);
  write({ format: 'sightline-recording', version: 1, name, startedAt: Date.now() });
  return {
    inspect(event) {
      if (failure || out.writableEnded) return;
      try {
        if (out.writableLength > MAX_WAITING) {
          dropped++;
          return;
        }
        rootId = event.rootId;
        const message = toWire(event, nextId++);
        if (message) write(message);
      } catch {
        // An agent must not fail because it is recorded.
        dropped++;
      }
    },
    metrics(read) {
      writeMetrics = () => {
        try {
          const metrics = plain(read()) as Record<string, unknown>;
          write({ type: '@sightline.metrics', ...stamp(rootId, rootId, nextId++), metrics });
        } catch {
          dropped++;
        }
      };
      clearInterval(timer);
      timer = setInterval(writeMetrics, METRICS_EVERY_MS).unref();
    },
    get dropped() {
      return dropped;
    },
    async close() {
      clearInterval(timer);
      if (!failure && !out.writableEnded) writeMetrics();
      // A file that could not be opened never finishes.
      await new Promise<void>((resolve) => {
        if (failure || out.closed) return resolve();
        out.once('close', resolve);
        out.end();
      });
      if (failure) throw failure;
    },
  };
}

/** @throws Error with a line for people, where the file is not a recording. */
export async function readRecording(file: string): Promise<Recording> {
  let header: RecordingHeader | undefined;
  const events: WireEvent[] = [];
  let refused = 0;
  const input = createReadStream(file, 'utf8');
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!header) {
      header = readHeader(line);
      if (!header) break;
      continue;
    }
    if (line === '') continue;
    const event = line.length <= MAX_MESSAGE_BYTES ? parseWire(line) : undefined;
    if (event) events.push(event);
    else refused++;
  }
  if (!header) throw new Error(`${file} is not a recording: the first line names another format`);
  return { header, events, refused };
}

function readHeader(line: string): RecordingHeader | undefined {
  try {
    const { format, version, name, startedAt } = JSON.parse(line) as Partial<RecordingHeader>;
    if (format !== 'sightline-recording' || version !== 1) return undefined;
    return {
      format,
      version,
      name: String(name ?? 'recording').slice(0, 200),
      startedAt: Number(startedAt) || 0,
    };
  } catch {
    return undefined;
  }
}
