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
  // The children of a machine are of no type of their own.
  const { pause, replacement } = source.getSnapshot().children as {
    pause?: ActorRefFrom<typeof idlePauseMachine>;
    replacement?: ActorRefFrom<typeof streamReplacementMachine>;
  };
  if (!pause || !replacement) throw new Error('the source does not run');
  return { pause: pause.getSnapshot(), replacement: replacement.getSnapshot() };
}

/** Parts of a source that only write down the types of what they are told, by name. */
export function listeningParts<Name extends string>(...names: Name[]) {
  const told = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    string[]
  >;
  const part = (name: Name) =>
    fromCallback<EventObject>(({ receive }) => {
      receive(({ type }) => told[name].push(type));
    });
  return { told, part };
}

/**
 * A source whose room and streams a test plays, with `user` linked. What is watched and when the
 * video is paused is up to the real machines; sampling, looks and motion are played as well.
 */
export function simulatedSource(change: Partial<SourceInput> = {}) {
  const outside = new Outside();
  const { told: toParts, part } = listeningParts('sampling', 'look', 'motion');
  const machine = outside.source().provide({
    // A listener has not the type of the machine that it stands for.
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
    /** What sampling, looks and motion were told. */
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
    /** A frame is wanted now. */
    needed: () => say({ type: 'look.requested', lookId: 1 }),
    /** `live`, `paused`: what was reported of the stream so far. */
    statuses: () =>
      ofType(recorded.reports, 'streamStatus.changed').map(({ streamStatus }) => streamStatus),
  };
  source.room({ type: 'participant.linked', identity: 'user' });
  return source;
}
export type SimulatedSource = ReturnType<typeof simulatedSource>;

/** A source whose camera is seen. */
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
