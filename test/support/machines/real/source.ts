import type { VideoTrack } from '@livekit/rtc-node';
import { type Actor, createActor, fromCallback } from 'xstate';
import { FrameCaptures } from '../../../../src/actors/frame-captures.ts';
import { freshFrame } from '../../../../src/actors/fresh-frame.ts';
import { MotionStrips } from '../../../../src/actors/motion-strips.ts';
import { PublicationSwitches } from '../../../../src/actors/publication-switches.ts';
import { roomEvents } from '../../../../src/actors/room-events.ts';
import { firstServed, type VideoRoom } from '../../../../src/actors/video-room.ts';
import { videoStream } from '../../../../src/actors/video-stream.ts';
import type { FrameSourceHandlers } from '../../../../src/frames/frame-source.ts';
import { openFrameSource } from '../../../../src/frames/open-frame-source.ts';
import { frameSamplingMachine } from '../../../../src/machines/frame-sampling.machine.ts';
import type {
  FrameSamplingEvent,
  SamplerInput,
} from '../../../../src/machines/frame-sampling.types.ts';
import { idlePauseMachine } from '../../../../src/machines/idle-pause.machine.ts';
import { lookMachine } from '../../../../src/machines/look.machine.ts';
import { sourceMachine } from '../../../../src/machines/source.machine.ts';
import { streamReplacementMachine } from '../../../../src/machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../../../../src/machines/track-discovery.machine.ts';
import { turnMotionMachine } from '../../../../src/machines/turn-motion.machine.ts';
import type { PushResult } from '../../../../src/models/video-sink.ts';
import { settled } from '../../../../src/testing/simulated-clock.ts';
import { inputOf, type SettingsFrom } from '../parent.ts';
import { realGate, sinkOf } from './frames.ts';
import { HandClock } from './hand-clock.ts';
import type { RealWorld } from './play.ts';
import { Watch } from './watch.ts';

/** Whether a stream that is opened does open. */
export type Answer = 'works' | 'fails';

/** A source with all its real actors, as in `VideoSession`, in any room. */
export class RealSource implements RealWorld {
  readonly clock = new HandClock();
  readonly gate = realGate();
  readonly actor: Actor<typeof sourceMachine>;
  readonly watch: Watch;
  /** What the model's sink does with the next picture. */
  push: () => PushResult = () => 'sent';
  #opens: Answer = 'works';
  #closes: 'works' | 'hangs' = 'works';
  readonly #hanging: (() => Promise<void>)[] = [];
  #handlers: FrameSourceHandlers | undefined;
  #fromSampler: (event: FrameSamplingEvent) => void = () => {};
  readonly #captures = new FrameCaptures({
    gate: this.gate,
    picture: () => ({ image: { format: 'jpeg' } }),
    isLabelled: false,
    sink: sinkOf(() => this.push()),
    onSent: () => {},
  });
  readonly #strips = new MotionStrips({
    gate: this.gate,
    image: () => ({ format: 'jpeg' }),
    onError: () => {},
  });

  /** @param watched - The id of the actor under test. */
  constructor(room: VideoRoom, settings: SettingsFrom<typeof sourceMachine>, watched: string) {
    const input = inputOf(sourceMachine, settings);
    this.actor = createActor(this.#machine(room), { id: 'source', input, clock: this.clock });
    this.watch = new Watch(this.actor, watched);
  }

  start(): void {
    this.actor.start();
  }

  /** The rate's next sample is due. */
  sampleIsDue(): void {
    this.#fromSampler({ type: 'sample.due', byRate: true });
  }

  /** The application's sampler throws. */
  samplerThrows(): void {
    this.#fromSampler({ type: 'sampler.failed', error: 'it throws' });
  }

  /** The next stream that is opened throws. The open happens in this call. */
  failing(operation: () => void): void {
    this.#opens = 'fails';
    operation();
  }

  /** A stream that is closed in this call does not end. */
  hanging(operation: () => void): void {
    this.#closes = 'hangs';
    operation();
    this.#closes = 'works';
  }

  /** Ends the oldest stream that did not end, late. */
  async endHanging(): Promise<void> {
    for (const end of this.#hanging.splice(0)) {
      await end();
      await settled();
    }
  }

  /** The current track ends by itself. */
  endStream(): void {
    this.#handlers?.onEnd();
  }

  async end(): Promise<void> {
    await this.endHanging();
    this.actor.stop();
    this.#captures.close();
    this.#strips.close();
    await this.gate.close();
  }

  #machine(room: VideoRoom) {
    const switches = new PublicationSwitches();
    const { gate } = this;
    return sourceMachine.provide({
      actors: {
        roomEvents: roomEvents({
          room,
          switches,
          linkedIdentity: () => firstServed(room),
          linkChecks: new Set(),
          onTakenAway: (what) => this.gate.revoke(what),
          onUnnamed: () => {},
        }),
        trackDiscovery: trackDiscoveryMachine,
        streamReplacement: streamReplacementMachine,
        idlePause: idlePauseMachine,
        look: lookMachine.provide({ actors: { freshFrame: freshFrame(gate) } }),
        turnMotion: turnMotionMachine.provide({
          actors: { takePicture: this.#strips.take() },
        }),
        frameSampling: frameSamplingMachine.provide({
          actors: {
            // Its clock is controlled by the test.
            sampler: fromCallback<FrameSamplingEvent, SamplerInput>(({ sendBack }) => {
              this.#fromSampler = sendBack;
            }),
            captureNewest: this.#captures.capture(),
            pushFrame: this.#captures.push(),
            freshFrame: freshFrame(gate),
          },
        }),
        videoStream: videoStream({
          room,
          intake: (sourceId) => gate.intake(sourceId),
          switches,
          // Every frame counts as a sign of life.
          stallAfterMs: 0,
          layer: () => 'high',
          open: (track, handlers) => this.#open(track, handlers),
          onClosing: () => {},
        }),
      },
    });
  }

  #open(track: VideoTrack, handlers: FrameSourceHandlers) {
    const opens = this.#opens;
    this.#opens = 'works';
    if (opens === 'fails') throw new Error('it does not open');
    this.#handlers = handlers;
    const source = openFrameSource(track, handlers);
    return {
      via: source.via,
      close: () => {
        if (this.#closes === 'works') return source.close();
        return new Promise<void>((resolve) => {
          this.#hanging.push(() => source.close().then(resolve));
        });
      },
    };
  }
}
