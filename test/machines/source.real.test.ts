import { afterAll } from 'vitest';
import { sourceMachine } from '../../src/machines/source.machine.ts';
import type { SourceEvent } from '../../src/machines/source.types.ts';
import { until } from '../../src/testing/waits.ts';
import { sourceInput } from '../support/machines/inputs.ts';
import type { SettingsFrom } from '../support/machines/parent.ts';
import { cameraOf, closeCameras, HeldRoom } from '../support/machines/real/held-room.ts';
import { type Play, testRealPaths } from '../support/machines/real/play.ts';
import { RealSource } from '../support/machines/real/source.ts';
import {
  pipelineInput,
  pipelineOperations,
  REST_MS,
  realtimeInput,
  realtimeOperations,
  SILENT_MS,
  type SourceWorld,
} from '../support/machines/real/source-operations.ts';

type Source = typeof sourceMachine;

afterAll(closeCameras);

const { discovery, replacement, pause, look } = sourceInput;

/** A source in a room whose server subscribes when the test decides. */
class RealWorldOfSource extends RealSource {
  readonly room: HeldRoom;

  constructor(settings: SettingsFrom<Source>) {
    const room = new HeldRoom();
    super(room, settings, 'source');
    this.room = room;
  }

  say(...events: SourceEvent[]): void {
    for (const event of events) this.actor.send(event);
  }

  show(): void {
    cameraOf('camera').show(3);
  }

  /** Shows a frame, and resolves when it is the newest one. */
  async shown(): Promise<void> {
    const arrived = this.gate.next(
      [this.actor.getSnapshot().context.id],
      AbortSignal.timeout(5_000),
    );
    this.show();
    await arrived;
  }

  /** The user speaks, and a sample was sent. */
  async rests(): Promise<void> {
    this.say({ type: 'user.speaking' });
    await this.shown();
    this.sampleIsDue();
    await until('the rest', () => this.actor.getSnapshot().value === 'resting');
  }
}

type Real = RealWorldOfSource;
const noTracks: SourceEvent = { type: 'room.synced', tracks: [] };
const nothing = {
  type: 'streamStatus.changed',
  streamStatus: 'none',
  pick: null,
  error: null,
} as const;
const rate = { type: 'rate.changed', intervalMs: null } as const;

const play = (input: SettingsFrom<Source>): Play<Source, SourceWorld, Real> => ({
  machine: sourceMachine,
  input,
  start: [nothing, noTracks, rate],
  world: {
    user: 'out',
    camera: 'none',
    stream: 'none',
    flow: 'on',
    sample: 'free',
    next: 'near',
  },
  key: ({ context }) => [context.pick?.sid],
  operations: input.model === 'realtime' ? realtimeOperations : pipelineOperations,
  make: () => new RealWorldOfSource(input),
  does: {
    'the user joins': ({ room }) => room.join('user'),
    'a camera': ({ room }) => room.share('camera'),
    'its subscription is asked for': ({ clock }) => clock.elapse(discovery.subscribeGraceMs),
    'it is subscribed': ({ room }) => room.grant('camera'),
    'a frame': (source) => source.show(),
    'no frame': ({ clock }) => clock.elapse(replacement.stallAfterMs),
    'a sample of the rate': async (source) => {
      await source.shown();
      source.sampleIsDue();
    },
    'a sample of the rate that the model refuses': async (source) => {
      await source.shown();
      source.push = () => {
        source.push = () => 'sent';
        return 'restarting';
      };
      source.sampleIsDue();
    },
    'an extra sample': async (source) => {
      await source.shown();
      source.say({ type: 'sample.due' });
    },
    'the next sample is near': ({ clock }) => clock.elapse(SILENT_MS - pause.leadMs.longest),
    'nothing comes': ({ clock }) => clock.elapse(pause.wakeTimeoutMs),
    'the user types': (source) => source.say({ type: 'user.typed' }),
    'the user types while frames come': async (source) => {
      await source.shown();
      source.say({ type: 'user.typed' });
    },
    'the application looks': (source) => {
      source.say({ type: 'look.requested', lookId: 1 });
      source.show();
    },
    'a look of the application that fails': (source) => {
      source.say({ type: 'look.requested', lookId: 1 });
      if (source.actor.getSnapshot().value !== 'closed') source.clock.elapse(look.lookTimeoutMs);
    },
    'the user speaks, for a moment': (source) =>
      source.say({ type: 'user.speaking' }, { type: 'user.silent' }),
    'a rest while the user speaks': async (source) => {
      await source.rests();
      source.clock.elapse(REST_MS);
      source.say({ type: 'user.silent' });
    },
    'the user types during a rest': async (source) => {
      await source.rests();
      source.say({ type: 'user.typed' }, { type: 'user.silent' });
    },
    'video goes off during a rest': async (source) => {
      await source.rests();
      source.say({ type: 'mode.set', mode: 'off' });
      await until('closed', () => source.actor.getSnapshot().context.streams.length === 0);
      source.say({ type: 'user.silent' });
    },
    'it is muted': ({ room }) => room.mute(room.of('camera')),
    'it is unmuted': ({ room }) => room.unmute(room.of('camera')),
    'the stream ends by itself': (source) => source.endStream(),
    'the next attempt works': ({ clock }) => clock.elapse(replacement.retryBaseMs),
    'the next attempt fails': (source) =>
      source.failing(() => source.clock.elapse(replacement.retryBaseMs)),
    'video goes off': (source) => source.say({ type: 'mode.set', mode: 'off' }),
    'video goes on': (source) => source.say({ type: 'mode.set', mode: 'sampled' }),
    'another mode for a moment': (source) =>
      source.say({ type: 'mode.set', mode: 'onDemand' }, { type: 'mode.set', mode: 'sampled' }),
    'the application wants the camera': (source) =>
      source.say({ type: 'source.pinned', selector: 'camera' }),
    'every frame is needed for a moment': (source) =>
      source.say({ type: 'flow.held' }, { type: 'flow.released' }),
    'another agent': (source) =>
      source.say({ type: 'agent.modelChanged', model: 'realtime', reason: null }),
    'a turn is over': (source) => source.say({ type: 'turn.committed' }),
    'the sampler throws': (source) => source.samplerThrows(),
  },
});

testRealPaths(
  [play(realtimeInput), play({ ...realtimeInput, mode: 'off' }), play(pipelineInput)],
  {},
);
