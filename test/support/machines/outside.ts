import { type EventObject, fromCallback, fromPromise, type NonReducibleUnknown } from 'xstate';
import { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import { sourceMachine } from '../../../src/machines/source.machine.ts';
import type {
  RoomRequest,
  StreamInput,
  StreamReport,
  StreamRequest,
} from '../../../src/machines/source.types.ts';
import { streamReplacementMachine } from '../../../src/machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../../../src/machines/track-discovery.machine.ts';
import type { TrackPick } from '../../../src/source.ts';
import { type Deferred, deferred, settled } from '../../../src/testing/simulated-clock.ts';

/** A running stream actor, and the requests that it got. */
export interface Stream {
  pick: TrackPick;
  told: StreamRequest['type'][];
  report: (type: StreamReport['type'], more?: { gapMs: number }) => void;
}

/** Jobs of one kind, the newest last. Each is a promise that the test settles. */
class Jobs<T, Input extends NonReducibleUnknown = NonReducibleUnknown> {
  readonly all: (Deferred<T> & { input: Input })[] = [];
  readonly #leaves: Set<string>;
  readonly #name: string;

  constructor(name: string, leaves: Set<string>) {
    this.#name = name;
    this.#leaves = leaves;
  }

  get logic() {
    return fromPromise<T, Input>(({ input, signal }) => {
      const job = { ...deferred<T>(), input };
      const leaf = `${this.#name} ${this.all.push(job)}`;
      this.#leaves.add(leaf);
      const over = () => this.#leaves.delete(leaf);
      signal.addEventListener('abort', over);
      job.promise.then(over, over);
      return job.promise;
    });
  }

  async done(value: T) {
    this.all.at(-1)?.resolve(value);
    await settled();
  }

  failed(message: string) {
    return this.refused(new Error(message));
  }

  async refused(error: Error) {
    this.all.at(-1)?.reject(error);
    await settled();
  }
}

/**
 * The surroundings of the machines, controlled by a test. Only effects on the outer world are
 * stubbed.
 */
export class Outside {
  /** Running leaf actors. */
  readonly leaves = new Set<string>();
  readonly streams = new Map<number, Stream>();
  readonly toRoom: EventObject[] = [];
  /** Leaf actors that throw when they are started. */
  readonly broken = new Set<string>();
  readonly #voices = new Map<string, (event: EventObject) => void>();

  jobs<T, Input extends NonReducibleUnknown = NonReducibleUnknown>(name: string) {
    return new Jobs<T, Input>(name, this.leaves);
  }

  /** An actor that reports what the test sends in its name. */
  actor<E extends EventObject, Input extends NonReducibleUnknown = NonReducibleUnknown>(
    name: string,
    hears: (event: E) => void = () => {},
  ) {
    return fromCallback<E, Input>(({ sendBack, receive }) => {
      if (this.broken.has(name)) throw new Error(`${name} is broken`);
      receive(hears);
      return this.#runs(name, sendBack);
    });
  }

  say<E extends EventObject>(name: string, event: E) {
    this.#voices.get(name)?.(event);
  }

  /** The only running stream reports these events. */
  stream(...types: StreamReport['type'][]) {
    const [only, ...others] = [...this.streams.values()];
    if (!only || others.length > 0) throw new Error(`${this.streams.size} streams run`);
    for (const type of types) only.report(type);
  }

  /** `1 camera`: the streams that have an actor. */
  watched() {
    return [...this.streams].map(([streamId, { pick }]) => `${streamId} ${pick.sid}`);
  }

  /** A source that selects its track with the real machines; its other parts are missing. */
  source() {
    return sourceMachine.provide({
      actors: {
        trackDiscovery: trackDiscoveryMachine,
        streamReplacement: streamReplacementMachine,
        idlePause: idlePauseMachine,
        roomEvents: this.actor<RoomRequest>('room', (event) => this.toRoom.push(event)),
        videoStream: fromCallback<StreamRequest, StreamInput>(
          ({ input: { streamId, pick }, sendBack, receive }) => {
            if (this.broken.has('stream')) throw new Error('stream is broken');
            const told: Stream['told'] = [];
            receive(({ type }) => told.push(type));
            const report: Stream['report'] = (type, more) =>
              sendBack({ type, streamId, error: 'refused', ...more });
            this.streams.set(streamId, { pick, told, report });
            const stop = this.#runs(`stream ${streamId}`, sendBack);
            return () => {
              stop();
              this.streams.delete(streamId);
            };
          },
        ),
      },
    });
  }

  #runs(name: string, sendBack: (event: EventObject) => void) {
    this.leaves.add(name);
    this.#voices.set(name, sendBack);
    return () => {
      this.leaves.delete(name);
      this.#voices.delete(name);
    };
  }
}
