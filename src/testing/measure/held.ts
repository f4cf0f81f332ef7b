import type { AnyActorRef } from 'xstate';
import type { VideoSession } from '../../video-session.ts';
import { nativeMb, openDescriptors } from './memory.ts';

const MB = 2 ** 20;

/** The resources that this process holds while it is idle. Sizes are in MB, the rest are counts. */
export interface Held {
  /** Resident memory outside of the JavaScript heap. */
  native: number;
  /** JavaScript objects. */
  heap: number;
  /** The memory of V8 for them, which it takes and returns in steps of some megabytes. */
  heapSize: number;
  /** Buffers outside the heap. */
  buffers: number;
  /** `NaN` if the system does not report it. */
  descriptors: number;
  /** Listeners on the rooms, the sessions and the process. */
  listeners: number;
  timers: number;
  /** Everything else that keeps the process running: open sockets, pipes, workers. */
  otherHandles: number;
  /** Listeners on the native library: one for each open video stream. */
  nativeStreams: number;
  /** Frames that are stored or in use. */
  frames: number;
  /** Running actors of all machines. */
  actors: number;
}

export interface Sample extends Held {
  /** Since the start. */
  minutes: number;
}

export const FIGURES = [
  'native',
  'heap',
  'heapSize',
  'buffers',
  'descriptors',
  'listeners',
  'timers',
  'otherHandles',
  'nativeStreams',
  'frames',
  'actors',
] as const satisfies readonly (keyof Held)[];

/** An agent session with its room and its video. */
interface HeldParts {
  readonly room: Listened;
  readonly session: Listened;
  readonly video: Pick<VideoSession, 'actor' | 'metrics'>;
}

export function held(stages: readonly HeldParts[]): Held {
  const memory = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const isTimer = (name: string) => name === 'Timeout' || name === 'Immediate';
  return {
    native: nativeMb(memory),
    heap: memory.heapUsed / MB,
    heapSize: memory.heapTotal / MB,
    buffers: memory.external / MB,
    descriptors: openDescriptors() ?? Number.NaN,
    listeners: sum([
      listenersOf(process),
      ...stages.flatMap(({ room, session }) => [listenersOf(room), listenersOf(session)]),
    ]),
    timers: resources.filter(isTimer).length,
    otherHandles: resources.filter((name) => !isTimer(name)).length,
    nativeStreams: nativeListeners(),
    frames: sum(
      stages.map(({ video }) => {
        const { held, pending } = video.metrics().frames;
        return held + pending;
      }),
    ),
    actors: sum(stages.map(({ video }) => actorsOf(video.actor))),
  };
}

interface Listened {
  eventNames(): readonly (string | symbol)[];
  listenerCount(name: never): number;
}

const listenersOf = (emitter: Listened): number =>
  sum(emitter.eventNames().map((name) => emitter.listenerCount(name as never)));

/** The events that have listeners, with their number, for the message of a test that failed. */
export const listenerNames = (emitters: readonly Listened[]): string =>
  emitters
    .map((emitter) =>
      emitter
        .eventNames()
        .map((name) => `${String(name)} ${emitter.listenerCount(name as never)}`)
        .join(', '),
    )
    .join('; ');

/** rtc-node's own client of the native library is not exported, but lives on `globalThis`. */
function nativeListeners(): number {
  const { _ffiClientInstance: client } = globalThis as { _ffiClientInstance?: Listened };
  return client?.listenerCount('ffi_event' as never) ?? 0;
}

function actorsOf(actor: AnyActorRef): number {
  // The snapshot of `AnyActorRef` has no type for children.
  const { children = {} } = actor.getSnapshot() as { children?: Record<string, AnyActorRef> };
  return 1 + sum(Object.values(children).map(actorsOf));
}

const sum = (values: readonly number[]): number => values.reduce((total, n) => total + n, 0);
