import { type Actor, createActor, fromCallback, sendTo, setup } from 'xstate';
import { PublicationSwitches } from '../../../src/actors/publication-switches.ts';
import { videoStream } from '../../../src/actors/video-stream.ts';
import { FrameLedger } from '../../../src/frames/frame-ledger.ts';
import { FrameGate } from '../../../src/frames/gate.ts';
import { openFrameSource } from '../../../src/frames/open-frame-source.ts';
import { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import type { IdlePauseReport } from '../../../src/machines/idle-pause.types.ts';
import type { StreamReport, StreamRequest } from '../../../src/machines/source.types.ts';
import { ProcessorChain } from '../../../src/processors/processor-chain.ts';
import { checkedProcessors, type VideoProcessor } from '../../../src/processors/video-processor.ts';
import { machineInput } from '../../../src/session/machine-input.ts';
import { resolveOptions } from '../../../src/session/resolve-options.ts';
import type { TrackPick } from '../../../src/source.ts';
import { type Counts, count, PICTURE, type Reader } from './reader.ts';
import type { Stream } from './subscription.ts';

const SOURCE = 'linked/camera';

const REQUESTS = {
  'video.pauseRequested': 'stream.pause',
  'video.resumeRequested': 'stream.resume',
  'video.restRequested': 'stream.rest',
  'video.readRequested': 'stream.read',
} as const;

type StreamLogic = ReturnType<typeof videoStream>;

/** How long a look waits for a frame, in ms. */
const NEXT_LIMIT_MS = 900;

export interface SightlineReaderOptions {
  /** Interval between two pictures, in ms. */
  everyMs: number;
  /** Whether the video is paused between them. */
  pauses: boolean;
  /** What each picture passes. */
  processors?: readonly VideoProcessor[];
}

/** The library's own parts around a stream, combined as in a `VideoSession`. */
export class SightlineReader implements Reader {
  readonly #counts: Counts;
  readonly #gate: FrameGate;
  readonly #stream: { send(event: StreamRequest): void; stop(): void };
  readonly #pause: Actor<typeof idlePauseMachine>;
  readonly #closings: Promise<void>[] = [];
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void>;
  #lastId = 0;

  constructor(
    { room, publication, identity }: Stream,
    counts: Counts,
    { everyMs, pauses, processors = [] }: SightlineReaderOptions,
  ) {
    this.#counts = counts;
    this.#gate = new FrameGate({
      ledger: new FrameLedger(),
      mayShow: () => true,
      processing: new ProcessorChain(checkedProcessors('processors', processors), (error) => {
        throw error;
      }),
      onEncoded: () => {},
      onSent: () => {},
    });
    const { source } = machineInput(resolveOptions({ room }));
    this.#gate.onArrival(SOURCE, (frame) => count(frame, counts));
    const logic = videoStream({
      room,
      intake: (sourceId) => this.#gate.intake(sourceId),
      open: openFrameSource,
      layer: () => 'high',
      switches: new PublicationSwitches(),
      stallAfterMs: source.replacement.stallAfterMs,
      onClosing: (closing) => this.#closings.push(closing),
    });
    const pick = { sid: publication.sid ?? '', identity, source: 'camera' } as const;
    const parent = createActor(this.#requests()).start();
    const pause = { ...source.pause, isWanted: pauses };
    this.#pause = createActor(idlePauseMachine, { input: { ...pause, parent } }).start();
    this.#pause.send({ type: 'rate.changed', intervalMs: everyMs });
    this.#stream = createActor(this.#reading(logic, pick)).start();
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#look();
    }, everyMs);
  }

  /** What the source machine does with the requests of the pauses. */
  #requests() {
    return fromCallback<IdlePauseReport>(({ receive }) =>
      receive(({ type }) => {
        if (type !== 'video.pauseGivenUp') this.#stream.send({ type: REQUESTS[type] });
      }),
    );
  }

  /** What it does with the stream. */
  #reading(logic: StreamLogic, pick: TrackPick) {
    return setup({
      types: { events: {} as StreamRequest | StreamReport },
      actors: { stream: logic },
    }).createMachine({
      invoke: { src: 'stream', id: 'stream', input: { sourceId: SOURCE, streamId: 1, pick } },
      on: {
        'stream.pause': { actions: sendTo('stream', ({ event }) => event) },
        'stream.resume': { actions: sendTo('stream', ({ event }) => event) },
        'stream.rest': { actions: sendTo('stream', ({ event }) => event) },
        'stream.read': { actions: sendTo('stream', ({ event }) => event) },
        'stream.frame': {
          actions: ({ event }) => {
            this.#pause.send(event);
            if (event.afterMs !== undefined) this.#counts.wakesMs.push(event.afterMs);
          },
        },
      },
    });
  }

  async #look(): Promise<void> {
    this.#pause.send({ type: 'rate.tick' });
    await this.#sample();
    this.#pause.send({ type: 'sample.done' });
  }

  /** Encodes the newest frame, or the next one if it was already encoded. */
  async #sample(): Promise<void> {
    const newest = () => this.#gate.newest(SOURCE)?.id ?? 0;
    if (newest() <= this.#lastId) await this.#next();
    if (newest() <= this.#lastId) return;
    this.#lastId = newest();
    const picture = await this.#gate.picture({ sourceId: SOURCE, purpose: 'push', image: PICTURE });
    picture?.done('sent');
    this.#counts.pictures++;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    this.#pause.stop();
    this.#stream.stop();
    await Promise.all(this.#closings);
  }

  /** The next frame, or none in time. */
  async #next(): Promise<void> {
    await this.#gate.next([SOURCE], AbortSignal.timeout(NEXT_LIMIT_MS)).catch(() => {});
  }
}
