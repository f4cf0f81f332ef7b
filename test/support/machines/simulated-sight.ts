import type { Actor, ActorRefFrom } from 'xstate';
import type { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import type { sightMachine } from '../../../src/machines/sight.machine.ts';
import type { SightInput } from '../../../src/machines/sight.types.ts';
import type { streamReplacementMachine } from '../../../src/machines/stream-replacement.machine.ts';
import type { TrackDiscoveryEvent } from '../../../src/machines/track-discovery.types.ts';
import type { SamplingMode, SourceSelector, TrackInfo } from '../../../src/source.ts';
import { sightInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';
import { camera } from './simulated-room.ts';

/** The machines inside the eyes, while they run. */
function insideOf(sight: Actor<typeof sightMachine> | ActorRefFrom<typeof sightMachine>) {
  // The children of a machine are of no type of their own.
  const { pause, replacement } = sight.getSnapshot().children as {
    pause?: ActorRefFrom<typeof idlePauseMachine>;
    replacement?: ActorRefFrom<typeof streamReplacementMachine>;
  };
  if (!pause || !replacement) throw new Error('the eyes do not run');
  return { pause: pause.getSnapshot(), replacement: replacement.getSnapshot() };
}

/** The eyes with their real machines, whose room and streams a test plays, with `user` linked. */
export function simulatedSight(change: Partial<SightInput> = {}) {
  const outside = new Outside();
  const recorded = record(outside.sight(), { ...sightInput, ...change });
  const { actor } = recorded;
  const sight = {
    ...recorded,
    outside,
    streams: outside.streams,
    toRoom: outside.toRoom,
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
    publish: (track: TrackInfo = camera) => sight.room({ type: 'track.published', track }),
    unpublish: (sid: string) => sight.room({ type: 'track.unpublished', sid }),
    mode: (mode: SamplingMode) => actor.send({ type: 'mode.set', mode }),
    pin: (selector: SourceSelector | null) => actor.send({ type: 'source.pinned', selector }),
    rate: (intervalMs: number | null) => actor.send({ type: 'rate.changed', intervalMs }),
    sampled: () => {
      actor.send({ type: 'rate.tick' });
      actor.send({ type: 'sample.done' });
    },
    needed: () => actor.send({ type: 'frame.needed' }),
    /** `live`, `paused`: what the eyes told so far. */
    sights: () =>
      recorded.reports.flatMap((report) =>
        report.type === 'streamStatus.changed' ? [report.sight] : [],
      ),
  };
  sight.room({ type: 'participant.linked', identity: 'user' });
  return sight;
}
export type SimulatedSight = ReturnType<typeof simulatedSight>;

/** Eyes that see the camera. */
export function seeing(change: Partial<SightInput> = {}): SimulatedSight {
  const sight = simulatedSight(change);
  sight.publish();
  sight.stream('stream.opened', 'stream.frame');
  return sight;
}

/** Eyes that rest: a sample was taken, and the next one is far away. */
export function resting(intervalMs = 10_000): SimulatedSight {
  const sight = seeing();
  sight.rate(intervalMs);
  sight.sampled();
  return sight;
}
