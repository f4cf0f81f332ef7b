import type { InspectionEvent } from 'xstate';
import { text } from '../checks.ts';
import { stamp, toWire } from './convert.ts';
import { writeFresh } from './fresh-file.ts';
import { linesOf } from './lines.ts';
import { parseWire } from './parse.ts';
import { plain } from './plain.ts';
import { MAX_MESSAGE_BYTES, type WireEvent } from './wire.ts';

/**
 * A recording is a text file of JSON lines: a {@link RecordingHeader}, then one {@link WireEvent}
 * per line in order, then an end line. It contains events, state values and contexts of the
 * machines, but no pixels, sound, secrets or instructions.
 */
export interface RecordingHeader {
  format: 'sightline-recording';
  version: 1;
  /** Name on the page. */
  name: string;
  /** In ms since the epoch. */
  startedAt: number;
}

export interface Recording {
  header: RecordingHeader;
  events: WireEvent[];
  /** Number of lines that are not events. */
  refused: number;
  /** Whether it is complete to its end. It is not if the disk was full, or the agent was killed. */
  complete: boolean;
}

/** The last line. */
interface RecordingEnd {
  format: typeof END;
  /** Events that are not in the file. */
  dropped: number;
}

/** Writes inspection events to a file. */
export interface Recorder {
  /** The value for `inspect` of `createActor` and `VideoSession`. Never throws. */
  inspect(event: InspectionEvent): void;
  /** Writes these figures at an interval, and at the end. */
  metrics(read: () => object): void;
  /** Events that were dropped because the disk was slow or full. */
  readonly dropped: number;
  /** Why writing stopped. It is also emitted once as a warning of the process. */
  readonly failure: Error | undefined;
  /** Resolves when everything is in the file. Rejects if it could not be written. */
  close(): Promise<void>;
}

/** Most bytes that may wait for the disk. */
const MAX_WAITING = 32 * 1024 * 1024;
const METRICS_EVERY_MS = 1000;
/** The last line of a recording. */
const END = 'sightline-recording-end';
/** Longest recording that is read, in characters. */
const MAX_RECORDING = 256 * 1024 * 1024;
/**
 * Most memory for its events, in bytes: all of them are held, and short texts can make large
 * objects.
 */
const MAX_KEPT = 128 * 1024 * 1024;

/**
 * Starts a recording. An existing file is replaced; a link is refused.
 *
 * @throws OptionError if `file` is not a path.
 */
export function createRecorder(file: string, name = 'recording'): Recorder {
  text('file', file, 'use the path of the file to write');
  const out = writeFresh(file);
  let failure: Error | undefined;
  let nextId = 1;
  let dropped = 0;
  out.on('error', (error) => {
    if (failure) return;
    failure = error;
    clearInterval(timer);
    process.emitWarning(`the recording ${file} is incomplete: ${error.message}`);
  });
  let rootId = 'agent';
  let writeMetrics = () => {};
  let timer: NodeJS.Timeout | undefined;
  const write = (value: RecordingHeader | WireEvent | RecordingEnd) =>
    out.write(`${JSON.stringify(value)}\n`);
  write({ format: 'sightline-recording', version: 1, name, startedAt: Date.now() });
  return {
    inspect(event) {
      if (out.writableEnded) return;
      try {
        if (failure || out.writableLength > MAX_WAITING) {
          dropped++;
          return;
        }
        rootId = event.rootId;
        const message = toWire(event, nextId++);
        if (message) write(message);
      } catch {
        // An error of the recording must not stop the agent.
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
      if (failure) return;
      timer = setInterval(writeMetrics, METRICS_EVERY_MS).unref();
    },
    get dropped() {
      return dropped;
    },
    get failure() {
      return failure;
    },
    async close() {
      clearInterval(timer);
      if (!failure && !out.writableEnded) {
        writeMetrics();
        write({ format: END, dropped });
      }
      // A file that could not be opened never emits `finish`.
      await new Promise<void>((resolve) => {
        if (failure || out.closed) return resolve();
        out.once('close', resolve);
        out.end();
      });
      if (failure) throw failure;
    },
  };
}

/**
 * @throws OptionError if `file` is not a path; Error with a message for the user if the file is not
 * a recording.
 */
export async function readRecording(file: string): Promise<Recording> {
  text('file', file, 'use the path of a recording');
  let header: RecordingHeader | undefined;
  const events: WireEvent[] = [];
  let refused = 0;
  let complete = false;
  let length = 0;
  let kept = 0;
  for await (const line of linesOf(file, MAX_MESSAGE_BYTES)) {
    if (!header) {
      header = line === undefined ? undefined : readHeader(line);
      if (!header) break;
      continue;
    }
    length += line?.length ?? MAX_MESSAGE_BYTES;
    if (length > MAX_RECORDING)
      throw new Error(`${file} is too long: a recording of up to ${MAX_RECORDING} bytes is read`);
    if (line?.trim() === '') continue;
    const end = line === undefined ? undefined : readEnd(line);
    if (end) {
      complete = end.dropped === 0;
      continue;
    }
    const event = line === undefined ? undefined : parseWire(line);
    // Sightline never records pixels, so a picture in a file is foreign.
    if (!event || event.type === '@sightline.picture') {
      refused++;
      continue;
    }
    kept += weightOf(event);
    if (kept > MAX_KEPT)
      throw new Error(
        `${file} is too large: its events take more than ${MAX_KEPT} bytes of memory`,
      );
    events.push(event);
  }
  if (!header) throw new Error(`${file} is not a recording: the first line names another format`);
  return { header, events, refused, complete: complete && refused === 0 };
}

function readHeader(line: string): RecordingHeader | undefined {
  try {
    const { format, version, name, startedAt } = JSON.parse(line) as Partial<RecordingHeader>;
    if (format !== 'sightline-recording' || version !== 1) return undefined;
    return {
      format,
      version,
      name: String(name ?? 'recording').slice(0, 200),
      startedAt: Number.isFinite(Number(startedAt)) ? Number(startedAt) : 0,
    };
  } catch {
    return undefined;
  }
}

function readEnd(line: string): RecordingEnd | undefined {
  // A cheap check first: the end is one line of thousands.
  if (!line.startsWith(`{"format":"${END}"`)) return undefined;
  try {
    const { dropped } = JSON.parse(line) as Partial<RecordingEnd>;
    return { format: END, dropped: Number(dropped) };
  } catch {
    return undefined;
  }
}

/** Approximate memory of a value, in bytes. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let weight = 56;
  // Objects of one shape share field names, but a file may contain arbitrary ones.
  for (const [key, item] of Object.entries(value)) weight += 16 + key.length + weightOf(item);
  return weight;
}
