import { fromCallback, fromPromise } from 'xstate';
import type { FrameRef } from '../../../src/frame.ts';
import { frameSamplingMachine } from '../../../src/machines/frame-sampling.machine.ts';
import type {
  CaptureResult,
  FrameSamplingEvent,
  OfSource,
  PushOutcome,
  SamplerInput,
} from '../../../src/machines/frame-sampling.types.ts';
import { idlePauseMachine } from '../../../src/machines/idle-pause.machine.ts';
import { lookMachine } from '../../../src/machines/look.machine.ts';
import { modelLinkMachine } from '../../../src/machines/model-link.machine.ts';
import type { ModelLinkEvent } from '../../../src/machines/model-link.types.ts';
import { sessionMachine } from '../../../src/machines/session.machine.ts';
import type { SessionEvent, SessionInput } from '../../../src/machines/session.types.ts';
import { sourceMachine } from '../../../src/machines/source.machine.ts';
import type {
  RoomRequest,
  StreamInput,
  StreamRequest,
} from '../../../src/machines/source.types.ts';
import { startupMachine } from '../../../src/machines/startup.machine.ts';
import { streamReplacementMachine } from '../../../src/machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../../../src/machines/track-discovery.machine.ts';
import type { TrackDiscoveryEvent } from '../../../src/machines/track-discovery.types.ts';
import { turnMotionMachine } from '../../../src/machines/turn-motion.machine.ts';
import { SteppedClock } from '../../../src/testing/simulated-clock.ts';
import { newestFrame, sessionInput } from './inputs.ts';
import { record } from './recorded.ts';

/** In ms. The first frame after a resume arrives as fast as on a good network. */
const TIMES = { frame: 100, open: 40, firstFrame: 60, encode: 20, push: 5, atOnce: 100 };

export const SPEAKING_MS = 1_000;
export const SILENT_MS = 3_000;

const input: SessionInput = {
  ...sessionInput,
  source: {
    ...sessionInput.source,
    pause: {
      isWanted: true,
      minIntervalMs: 2_000,
      leadMs: { longest: 500, shortest: 500 },
      wakeTimeoutMs: 2_000,
      rest: sessionInput.source.pause.rest,
    },
    sampling: { intervals: { speakingMs: SPEAKING_MS, silentMs: SILENT_MS } },
  },
};

/**
 * A session of real machines for a realtime model. Its camera, encoder, model and sampler run on
 * the simulated clock.
 */
export class RealtimeWorld {
  readonly clock = new SteppedClock();
  /** `3040 sent 12`: the messages on the wire, with their times. */
  readonly wire: { at: number; what: string }[] = [];
  /** Frames stop without a request to pause. */
  cameraIsFrozen = false;
  /** What the stream reports of the time between its frames, in ms. */
  gapMs: number | undefined;
  #frameId = 0;
  #lastDueAt = Number.NEGATIVE_INFINITY;
  #newest: number | null = null;
  #captured = 0;
  readonly #onFrame = new Set<(frame: FrameRef) => void>();
  readonly #voices = new Map<string, (event: { type: string }) => void>();
  /** Its actors use all fields above. */
  readonly session = record(this.#machine(), input, this.clock);

  /** Connected, with a camera. */
  async begin(): Promise<this> {
    this.session.actor.send({ type: 'session.start', model: 'realtime' });
    await this.clock.advanceSettling(0);
    this.connection('model.connected');
    this.room({ type: 'participant.linked', identity: 'user' });
    this.publish('camera');
    await this.clock.advanceSettling(0);
    return this;
  }

  publish(sid: string) {
    const source = sid.startsWith('screen') ? 'screen' : 'camera';
    const track = { sid, identity: 'user', source, muted: false } as const;
    this.room({ type: 'track.published', track: { ...track, subscribed: true, onBehalfOf: null } });
  }

  room = (event: TrackDiscoveryEvent) => this.#voices.get('room')?.(event);
  agent = (event: SessionEvent) => this.#voices.get('agent')?.(event);
  connection(type: ModelLinkEvent['type']) {
    // A new connection has no pictures, not even the frame that the one before got.
    if (type === 'model.connected') this.#captured = 0;
    this.#voices.get('connection')?.({ type });
  }

  /** Messages on the wire since the last call: `sent`, `pause`, `resume`, `rest`, `read`, `open`, `close`. */
  news() {
    return this.wire.splice(0).map(({ at, what }) => `${at} ${what}`);
  }

  /** Times of all messages of this name since the last call of `news`. */
  timesOf = (name: string) =>
    this.wire.filter(({ what }) => what.startsWith(name)).map(({ at }) => at);

  #log(what: string) {
    this.wire.push({ at: this.clock.now(), what });
  }

  #after(ms: number) {
    return new Promise<void>((resolve) => {
      this.clock.setTimeout(resolve, ms);
    });
  }

  #voice<E extends { type: string }>(name: string) {
    return fromCallback<E>(({ sendBack }) => {
      this.#voices.set(name, sendBack);
      return () => this.#voices.delete(name);
    });
  }

  #machine() {
    return sessionMachine.provide({
      actors: {
        agentEvents: this.#voice<SessionEvent>('agent'),
        source: sourceMachine.provide({
          actors: {
            trackDiscovery: trackDiscoveryMachine,
            streamReplacement: streamReplacementMachine,
            idlePause: idlePauseMachine,
            turnMotion: turnMotionMachine,
            roomEvents: this.#voice<RoomRequest>('room'),
            videoStream: this.#videoStream(),
            look: lookMachine.provide({ actors: { freshFrame: this.#freshFrame() } }),
            frameSampling: frameSamplingMachine.provide({
              actors: {
                sampler: this.#sampler(),
                captureNewest: this.#capture(),
                pushFrame: this.#push(),
                freshFrame: this.#freshFrame(),
              },
            }),
          },
        }),
        modelLink: modelLinkMachine.provide({
          actors: {
            connectionEvents: this.#voice<ModelLinkEvent>('connection'),
            revive: fromPromise<void>(async () => {
              this.#log('revive');
              this.clock.setTimeout(() => this.connection('model.connected'), 300);
            }),
          },
        }),
        startup: startupMachine.provide({
          actors: {
            connectRoom: fromPromise(async () => {}),
            startAgent: fromPromise(async () => {}),
          },
        }),
        releaseAll: fromPromise(async () => {}),
      },
    });
  }

  /** A frame every 100 ms, unless it is paused or at rest, and none of an old stream. */
  #videoStream() {
    return fromCallback<StreamRequest, StreamInput>(
      ({ sendBack, receive, input: { streamId, pick } }) => {
        this.#log(`open ${pick.sid}`);
        let timer = this.clock.setTimeout(() => {
          sendBack({ type: 'stream.opened', streamId });
          flow(TIMES.firstFrame);
        }, TIMES.open);
        const flow = (afterMs: number) => {
          this.clock.clearTimeout(timer);
          timer = this.clock.setTimeout(() => {
            if (!this.cameraIsFrozen) {
              this.#take();
              const { gapMs } = this;
              sendBack({ type: 'stream.frame', streamId, ...(gapMs !== undefined && { gapMs }) });
            }
            flow(TIMES.frame);
          }, afterMs);
        };
        receive(({ type }) => {
          this.#log(type.slice('stream.'.length));
          if (type === 'stream.resume' || type === 'stream.read') flow(TIMES.firstFrame);
          else this.clock.clearTimeout(timer);
          if (type !== 'stream.close') return;
          this.#newest = null;
          sendBack({ type: 'stream.closed', streamId });
        });
        return () => this.clock.clearTimeout(timer);
      },
    );
  }

  #take() {
    this.#newest = ++this.#frameId;
    for (const listener of [...this.#onFrame]) listener({ ...newestFrame, id: this.#frameId });
  }

  #freshFrame() {
    return fromPromise<FrameRef, OfSource>(({ signal }) => {
      return new Promise<FrameRef>((resolve) => {
        const end = (frame?: FrameRef) => {
          this.#onFrame.delete(end);
          if (frame) resolve(frame);
        };
        this.#onFrame.add(end);
        signal.addEventListener('abort', () => end());
      });
    });
  }

  /** At a rate, on a grid that begins now. A user who starts to speak gets a sample at once. */
  #sampler() {
    return fromCallback<FrameSamplingEvent, SamplerInput>(({ sendBack, input: { user } }) => {
      const intervalMs = user === 'speaking' ? SPEAKING_MS : SILENT_MS;
      let timer = 0;
      const schedule = (afterMs: number) => {
        const dueAt = Math.max(this.clock.now(), this.#lastDueAt + afterMs);
        timer = this.clock.setTimeout(() => {
          this.#lastDueAt = dueAt;
          sendBack({ type: 'sample.due', byRate: true });
          schedule(intervalMs);
        }, dueAt - this.clock.now());
      };
      schedule(user === 'speaking' ? TIMES.atOnce : intervalMs);
      return () => this.clock.clearTimeout(timer);
    });
  }

  #capture() {
    return fromPromise<CaptureResult, OfSource>(async () => {
      const frameId = this.#newest;
      if (frameId === null || frameId === this.#captured) return null;
      this.#captured = frameId;
      await this.#after(TIMES.encode);
      return { frameId };
    });
  }

  #push() {
    return fromPromise<PushOutcome, OfSource & { frameId: number }>(
      async ({ input: { frameId } }) => {
        this.#log(`sent ${frameId}`);
        await this.#after(TIMES.push);
        return { result: 'sent' };
      },
    );
  }
}
