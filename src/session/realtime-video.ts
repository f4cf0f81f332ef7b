import type { llm, voice } from '@livekit/agents';
import { FrameCaptures } from '../actors/frame-captures.ts';
import { freshFrame } from '../actors/fresh-frame.ts';
import { connectionEvents, revive } from '../actors/model-link.ts';
import { sampler } from '../actors/sampler.ts';
import type { EncodedImage } from '../frames/encode.ts';
import type { NewestFrameSlot } from '../frames/newest-frame.ts';
import { currentRealtimeSession } from '../internals/agents.ts';
import type { VideoLayer } from '../internals/rtc-node.ts';
import { frameSamplingMachine } from '../machines/frame-sampling.machine.ts';
import { modelLinkMachine } from '../machines/model-link.machine.ts';
import type { SourceKind } from '../machines/track-discovery.types.ts';
import { RealtimeSessions } from '../models/realtime-sessions.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';
import { FrameBudget } from '../sampling/frame-budget.ts';
import type { MetricsCollector } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';

export interface RealtimeVideoDeps {
  session: voice.AgentSession;
  options: ResolvedOptions;
  slot: NewestFrameSlot;
  metrics: MetricsCollector;
  /** A picture went to the model. */
  onSent(image: EncodedImage, source: SourceKind): void;
  /** Sends the newest frame; done when it went, or could not, or took too long. */
  showNewest(): Promise<void>;
  /** Asks for a sample. */
  takeSample(): void;
}

/** What streams frames into a realtime model: the machines with their real actors. */
export class RealtimeVideo {
  readonly sessions: RealtimeSessions;
  readonly budget: FrameBudget;
  readonly #deps: RealtimeVideoDeps;
  readonly #captures: FrameCaptures;

  constructor(deps: RealtimeVideoDeps) {
    this.#deps = deps;
    const { options, slot, metrics } = deps;
    this.budget = new FrameBudget(options.input.budget);
    this.sessions = new RealtimeSessions(options.realtime, () => deps.showNewest());
    this.#captures = new FrameCaptures({
      slot,
      image: options.input.image,
      sink: () => this.#sink(),
      onEncoded: (ms) => metrics.encodeMs.add(ms),
      onSent: (frame, image) => {
        metrics.bytesSent += image.data.length;
        metrics.frameAgeMs.add(Date.now() - frame.receivedAt);
        this.budget.spend(image.data.length);
        deps.onSent(image, frame.source);
      },
      // When the one before is done: only one is under way.
      onOvertaken: () => setImmediate(() => deps.takeSample()),
    });
  }

  frameSampling() {
    const { session, options, slot } = this.#deps;
    return frameSamplingMachine.provide({
      actors: {
        sampler: sampler({
          slot,
          sampler: options.input.sampler,
          agentState: () => session.agentState,
          budget: this.budget,
        }),
        captureNewest: this.#captures.capture(),
        pushFrame: this.#captures.push(),
        freshFrame: freshFrame(slot),
      },
    });
  }

  modelLink() {
    const sink = () => this.#sink();
    return modelLinkMachine.provide({
      actors: { connectionEvents: connectionEvents(sink), revive: revive(sink) },
    });
  }

  /** The simulcast layer that is enough for frames of the options' size. */
  get layer(): VideoLayer {
    const { resize } = this.#deps.options.input.image;
    const side = resize ? Math.max(resize.width, resize.height) : Number.POSITIVE_INFINITY;
    // A browser's layers of a 1280x720 camera are 320x180 and 640x360.
    if (side <= 320) return 'low';
    return side <= 640 ? 'medium' : 'high';
  }

  async close(): Promise<void> {
    this.sessions.close();
    await this.#captures.close();
  }

  /** The sink of the agent that has the floor: another one after a hand-off. */
  #sink(): RealtimeVideoSink | undefined {
    const session: llm.RealtimeSession | undefined = currentRealtimeSession(this.#deps.session);
    return this.sessions.sink(session);
  }
}
