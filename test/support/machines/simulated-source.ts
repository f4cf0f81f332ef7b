import { type Actor, type ActorRefFrom, type EventObject, fromCallback } from 'xstate';
import type { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import type { sourceMachine } from '../../../src/machines/source.machine.ts';
import type { SourceEvent, SourceInput } from '../../../src/machines/source.types.ts';
import type { streamReplacementMachine } from '../../../src/machines/stream-replacement.machine.ts';
import type { TrackDiscoveryEvent } from '../../../src/machines/track-discovery.types.ts';
import type { SamplingMode, SourceSelector, TrackInfo } from '../../../src/source.ts';
import { sourceInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { ofType, record } from './recorded.ts';
import { camera } from './simulated-room.ts';

/** The machines inside a source, while it runs. */
function insideOf(source: Actor<typeof sourceMachine>) {
  // The children of a machine have no specific type.
  const { pause, replacement } = source.getSnapshot().children as {
    pause?: ActorRefFrom<typeof idlePauseMachine>;
    replacement?: ActorRefFrom<typeof streamReplacementMachine>;
  };
  if (!pause || !replacement) throw new Error('the source does not run');
  return { pause: pause.getSnapshot(), replacement: replacement.getSnapshot() };
}

/** Parts of a source that only record their events, by name: the types, and all events. */
export function listeningParts<Name extends string>(...names: Name[]) {
  const told = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    string[]
  >;
  const events: EventObject[] = [];
  const part = (name: Name) =>
    fromCallback<EventObject>(({ receive }) => {
      receive((event) => {
        told[name].push(event.type);
        events.push(event);
      });
    });
  return { told, events, part };
}

/**
 * A source whose room and streams are controlled by a test, with `user` linked. The real machines
 * select the track and pause the video; sampling, looks and motion are stand-ins.
 */
export function simulatedSource(change: Partial<SourceInput> = {}) {
  const outside = new Outside();
  const { told: toParts, part } = listeningParts('sampling', 'look', 'motion');
  const machine = outside.source().provide({
    // The stand-in does not have the type of the machine that it replaces.
    actors: {
      frameSampling: part('sampling'),
      look: part('look'),
      turnMotion: part('motion'),
    } as never,
  });
  const recorded = record(machine, { ...sourceInput, ...change });
  const { actor } = recorded;
  const say = (...events: SourceEvent[]) => {
    for (const event of events) actor.send(event);
  };
  const source = {
    ...recorded,
    outside,
    say,
    streams: outside.streams,
    toRoom: outside.toRoom,
    /** Events that sampling, looks and motion got. */
    toParts,
    watched: () => outside.watched(),
    stream: outside.stream.bind(outside),
    value: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
    children: () => Object.keys(actor.getSnapshot().children),
    inside: () => insideOf(actor),
    /** Context of the pauses. */
    pauses: () => insideOf(actor).pause.context,
    told: (streamId: number) => outside.streams.get(streamId)?.told,
    room: (event: TrackDiscoveryEvent) => outside.say('room', event),
    publish: (track: TrackInfo = camera) => source.room({ type: 'track.published', track }),
    unpublish: (sid: string) => source.room({ type: 'track.unpublished', sid }),
    mode: (mode: SamplingMode) => say({ type: 'mode.set', mode }),
    pin: (selector: SourceSelector | null) => say({ type: 'source.pinned', selector }),
    rate: (intervalMs: number | null) => say({ type: 'rate.changed', intervalMs }),
    /** A sample of the rate reaches the model. */
    sampled: () => say({ type: 'rate.tick' }, { type: 'sample.sent', frameId: 7 }),
    /** A frame is needed now. */
    needed: () => say({ type: 'look.requested', lookId: 1 }),
    /** The reported states of the stream so far: `live`, `paused`. */
    statuses: () =>
      ofType(recorded.reports, 'streamStatus.changed').map(({ streamStatus }) => streamStatus),
  };
  source.room({ type: 'participant.linked', identity: 'user' });
  return source;
}
export type SimulatedSource = ReturnType<typeof simulatedSource>;

/** A source whose camera is live. */
export function seeing(change: Partial<SourceInput> = {}): SimulatedSource {
  const source = simulatedSource(change);
  source.publish();
  source.stream('stream.opened', 'stream.frame');
  return source;
}

/** A source that is paused: a sample was taken, and the next one is far away. */
export function paused(intervalMs = 10_000): SimulatedSource {
  const source = seeing();
  source.rate(intervalMs);
  source.sampled();
  return source;
}
