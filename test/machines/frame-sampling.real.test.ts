import { afterAll } from 'vitest';
import { createActor, type SnapshotFrom } from 'xstate';
import { FrameCaptures } from '../../src/actors/frame-captures.ts';
import { freshFrame } from '../../src/actors/fresh-frame.ts';
import { sampler } from '../../src/actors/sampler.ts';
import { frameSamplingMachine } from '../../src/machines/frame-sampling.machine.ts';
import type { PushOutcome } from '../../src/machines/frame-sampling.types.ts';
import type { PushResult } from '../../src/models/video-sink.ts';
import { FrameBudget } from '../../src/sampling/frame-budget.ts';
import { newestFrame, samplingInput } from '../support/machines/inputs.ts';
import { inputOf, type SettingsFrom } from '../support/machines/parent.ts';
import { RealFrames, sinkOf } from '../support/machines/real/frames.ts';
import { HandClock } from '../support/machines/real/hand-clock.ts';
import { closeCameras } from '../support/machines/real/held-room.ts';
import type { Operation, Operations } from '../support/machines/real/paths.ts';
import { type Play, type RealWorld, testRealPaths } from '../support/machines/real/play.ts';
import { Watch } from '../support/machines/real/watch.ts';
import { eventsOf, type PathEvent } from '../support/paths.ts';

type Sampling = typeof frameSamplingMachine;
type Snapshot = SnapshotFrom<Sampling>;
type Event = PathEvent<Sampling>;
interface World {
  /** Whether there is a frame that no sample has taken yet. */
  isNew: boolean;
}
type Doing = Operation<Sampling, World>;

afterAll(closeCameras);

const { done, failed } = eventsOf(frameSamplingMachine);

/** Real frames, the real encoder, and a sampler that does what the test says. */
class RealSampling implements RealWorld {
  readonly frames = new RealFrames();
  readonly clock = new HandClock();
  readonly actor;
  readonly watch: Watch;
  /** The sampler's answer for the next frame. */
  sampler: () => boolean = () => false;
  /** The result of the model's sink for the next picture. */
  push: () => PushResult = () => 'sent';
  readonly #captures: FrameCaptures;

  constructor(settings: SettingsFrom<Sampling>) {
    const { gate } = this.frames;
    this.#captures = new FrameCaptures({
      gate,
      picture: () => ({ image: { format: 'jpeg' } }),
      isLabelled: false,
      sink: sinkOf(() => this.push()),
      onSent: () => {},
    });
    this.actor = createActor(
      frameSamplingMachine.provide({
        actors: {
          sampler: sampler({
            gate,
            sampler: () => this.sampler(),
            agentState: () => 'listening',
            lastSent: () => undefined,
            budget: new FrameBudget(undefined),
          }),
          captureNewest: this.#captures.capture(),
          pushFrame: this.#captures.push(),
          freshFrame: freshFrame(gate),
        },
      }),
      { id: 'sampling', input: inputOf(frameSamplingMachine, settings), clock: this.clock },
    );
    this.watch = new Watch(this.actor, 'sampling');
  }

  start(): void {
    this.actor.start();
  }

  say(...events: Parameters<RealSampling['actor']['send']>[0][]): void {
    for (const event of events) this.actor.send(event);
  }

  async end(): Promise<void> {
    this.actor.stop();
    this.#captures.close();
    await this.frames.end();
  }
}

const captured = done('sample.capturing', { frameId: 1 });
const nothing = done('sample.capturing', null);
const broken = failed('sample.capturing', 'it cannot be read');
const pushed = (result: PushOutcome['result']) => done('sample.pushing', { result });
const due: Event = { type: 'sample.due' };
const off: Event = { type: 'mode.set', mode: 'off' };
const isFree = (s: Snapshot) => s.matches({ sample: 'free' });
const isMissing = (s: Snapshot) => s.matches({ sample: 'missing' });
const isOff = (s: Snapshot) => s.matches({ mode: 'off' });
const asksSampler = (s: Snapshot) =>
  s.matches({ mode: { sampled: 'idle' } }) || s.matches({ mode: { sampled: 'speaking' } });

const onlyIf = (
  brings: (s: Snapshot, world: World) => Event[] | null,
  changes: Doing['changes'] = () => ({}),
): Doing => ({ brings, changes });
const taken = () => ({ isNew: false });
/** The result of a request for the newest frame. */
const sample = ({ isNew }: World): Event[] => (isNew ? [captured, pushed('sent')] : [nothing]);
/** Applies if there is a new frame and no sample is under way. */
const withFrame = (...events: Event[]): Doing =>
  onlyIf((s, { isNew }) => (isNew && isFree(s) && !isOff(s) ? events : null), taken);
const set = (mode: 'off' | 'onDemand' | 'sampled'): Doing =>
  onlyIf(() => [{ type: 'mode.set', mode }]);

const operations: Operations<Sampling, World> = {
  'video off': set('off'),
  'video on demand': set('onDemand'),
  'video at a rate': set('sampled'),
  'the user speaks': onlyIf(
    (s, world) => {
      const samples = s.matches({ mode: 'onDemand' }) && s.context.sink === 'model';
      if (samples && !isFree(s) && !isMissing(s)) return null;
      return [{ type: 'user.speaking' }, ...(samples ? sample(world) : [])];
    },
    (s, { isNew }) => ({ isNew: isNew && !s.matches({ mode: 'onDemand' }) }),
  ),
  'the user is silent': onlyIf(() => [{ type: 'user.silent' }]),
  'a model that takes no frames': onlyIf((s) =>
    isFree(s) ? [{ type: 'sink.changed', sink: 'none' }] : null,
  ),
  'a frame': onlyIf(
    (s) => {
      if (!isMissing(s)) return [];
      return [done('sample.missing', newestFrame), captured, pushed('sent')];
    },
    (s) => ({ isNew: !isMissing(s) }),
  ),
  'a frame that the sampler wants': onlyIf(
    (s) => (asksSampler(s) ? [due, captured, pushed('sent')] : null),
    taken,
  ),
  'a frame at which the sampler throws': onlyIf(
    (s) =>
      asksSampler(s) && s.context.sampled === 0
        ? [{ type: 'sampler.failed', error: '' }, due, captured, pushed('sent')]
        : null,
    taken,
  ),
  'a sample': onlyIf(
    (s, world) => (isOff(s) ? [due] : [due, ...sample(world)]),
    (s, { isNew }) => ({
      isNew: isNew && isOff(s),
    }),
  ),
  'a sample of the rate': onlyIf(
    (s, world) => {
      const byRate: Event = { type: 'sample.due', byRate: true };
      return isOff(s) ? [byRate] : [byRate, ...sample(world)];
    },
    (s, { isNew }) => ({ isNew: isNew && isOff(s) }),
  ),
  'a frame that cannot be read, and a sample': onlyIf(
    (s) => (isFree(s) && !isOff(s) ? [due, broken] : null),
    taken,
  ),
  'two samples at once': withFrame(due, due, captured, pushed('sent')),
  'a sample, and video off': withFrame(due, off),
  'a sample while another is pushed': withFrame(due, captured, due, pushed('sent')),
  'video off while a sample is pushed': withFrame(due, captured, off),
  'a sample that the model does not take': withFrame(due, captured, pushed('restarting')),
  'a sample, and another track is watched': withFrame(
    due,
    captured,
    pushed('overtaken'),
    captured,
    pushed('sent'),
  ),
  'a sample at which the model throws': withFrame(
    due,
    captured,
    failed('sample.pushing', 'it throws'),
  ),
  'a sample of the next frame': onlyIf((s) =>
    isFree(s) && !isOff(s) ? [{ type: 'sample.awaited' }] : null,
  ),
};

const sampleNow = { type: 'sample.due' } as const;
const play = (change: Partial<SettingsFrom<Sampling>>): Play<Sampling, World, RealSampling> => {
  const input = { ...samplingInput, ...change };
  return {
    machine: frameSamplingMachine,
    input,
    world: { isNew: false },
    operations,
    key: ({ context }) => [context.sampled > 0],
    make: () => new RealSampling(input),
    does: {
      'video off': (w) => w.say({ type: 'mode.set', mode: 'off' }),
      'video on demand': (w) => w.say({ type: 'mode.set', mode: 'onDemand' }),
      'video at a rate': (w) => w.say({ type: 'mode.set', mode: 'sampled' }),
      'the user speaks': (w) => w.say({ type: 'user.speaking' }),
      'a model that takes no frames': (w) => w.say({ type: 'sink.changed', sink: 'none' }),
      'the user is silent': (w) => w.say({ type: 'user.silent' }),
      'a frame': (w) => {
        w.sampler = () => false;
        return w.frames.show();
      },
      'a frame that the sampler wants': (w) => {
        w.sampler = () => true;
        return w.frames.show();
      },
      'a frame at which the sampler throws': (w) => {
        w.sampler = () => {
          throw new Error('it throws');
        };
        return w.frames.show();
      },
      'a sample of the rate': (w) => w.say({ type: 'sample.due', byRate: true }),
      'a sample': (w) => w.say(sampleNow),
      'a frame that cannot be read, and a sample': async (w) => {
        w.sampler = () => false;
        await w.frames.showBroken();
        w.say(sampleNow);
      },
      'two samples at once': (w) => w.say(sampleNow, sampleNow),
      'a sample, and video off': (w) => w.say(sampleNow, { type: 'mode.set', mode: 'off' }),
      'a sample while another is pushed': (w) => {
        whilePushed(w, () => w.say(sampleNow));
        w.say(sampleNow);
      },
      'video off while a sample is pushed': (w) => {
        whilePushed(w, () => w.say({ type: 'mode.set', mode: 'off' }));
        w.say(sampleNow);
      },
      'a sample that the model does not take': (w) => {
        once(w, () => 'restarting');
        w.say(sampleNow);
      },
      'a sample, and another track is watched': (w) => {
        w.sampler = () => false;
        w.say(sampleNow);
        w.frames.switchToScreen();
      },
      'a sample at which the model throws': (w) => {
        once(w, () => {
          throw new Error('it throws');
        });
        w.say(sampleNow);
      },
      'a sample of the next frame': (w) => w.say({ type: 'sample.awaited' }),
    },
  };
};

/** Applies to the next picture only; later ones are sent. */
function once(world: RealSampling, push: () => PushResult): void {
  world.push = () => {
    world.push = () => 'sent';
    return push();
  };
}

function whilePushed(world: RealSampling, operation: () => void): void {
  once(world, () => {
    operation();
    return 'sent';
  });
}

testRealPaths(
  [
    play({}),
    play({ mode: 'onDemand' }),
    play({ mode: 'off' }),
    play({ sink: 'none' }),
    play({ sink: 'none', mode: 'onDemand' }),
  ],
  {
    'sample.missing -- xstate.error.actor': 'the wait for a frame ends only with its actor',
  },
);
