import type { llm, voice } from '@livekit/agents';
import { FrameCaptures } from '../actors/frame-captures.ts';
import { freshFrame } from '../actors/fresh-frame.ts';
import { connectionEvents, revive } from '../actors/model-link.ts';
import { sampler } from '../actors/sampler.ts';
import { MODEL_PICTURE } from '../defaults.ts';
import type { EncodedImage, EncodeOptions } from '../frames/encode.ts';
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
import type { ResolvedOptions } from './resolve-options.ts';

export interface RealtimeVideoDeps {
  session: voice.AgentSession;
  options: ResolvedOptions;
  metrics: MetricsCollector;
  /** A picture went to the model. */
  onSent(image: EncodedImage, source: SourceKind): void;
  /** Sends the newest frames; done when they went, or could not, or took too long. */
  showNewest(): Promise<void>;
  /** Asks for a sample of this view. */
  takeSample(view: number): void;
}

/** What samples the frames of one view. */
export interface ViewSampling {
  machine: typeof frameSamplingMachine;
  /** Done when no frame is in use. */
  close(): Promise<void>;
}

/** What streams frames into a realtime model: the machines with their real actors. */
export class RealtimeVideo {
  readonly sessions: RealtimeSessions;
  readonly budget: FrameBudget;
  readonly #deps: RealtimeVideoDeps;

  constructor(deps: RealtimeVideoDeps) {
    this.#deps = deps;
    const { options } = deps;
    this.budget = new FrameBudget(options.input.budget);
    this.sessions = new RealtimeSessions(options.realtime, () => deps.showNewest());
  }

  /** Each view has a clock of its own; they share the connection and the budget. */
  sampling(view: number, slot: NewestFrameSlot): ViewSampling {
    const { session, options, metrics, onSent, takeSample } = this.#deps;
    const { sampler: userSampler, sources } = options.input;
    const captures = new FrameCaptures({
      slot,
      picture: () => this.#picture,
      isLabelled: sources.length > 1,
      sink: () => this.#sink(),
      onEncoded: (ms) => metrics.encodeMs.add(ms),
      onSent: (frame, sent) => {
        metrics.bytesSent += sent.data.length;
        metrics.frameAgeMs.add(Date.now() - frame.receivedAt);
        this.budget.spend(sent.data.length);
        onSent(sent, frame.source);
      },
      // When the one before is done: only one is under way.
      onOvertaken: () => setImmediate(() => takeSample(view)),
    });
    const machine = frameSamplingMachine.provide({
      actors: {
        sampler: sampler({
          slot,
          sampler: userSampler,
          agentState: () => session.agentState,
          budget: this.budget,
        }),
        captureNewest: captures.capture(),
        pushFrame: captures.push(),
        freshFrame: freshFrame(slot),
      },
    });
    return { machine, close: () => captures.close() };
  }

  modelLink() {
    const sink = () => this.#sink();
    return modelLinkMachine.provide({
      actors: { connectionEvents: connectionEvents(sink), revive: revive(sink) },
    });
  }

  /** The simulcast layer that is enough for frames of the options' size. */
  get layer(): VideoLayer {
    const { resize } = this.#picture;
    const side = resize ? Math.max(resize.width, resize.height) : Number.POSITIVE_INFINITY;
    // A browser's layers of a 1280x720 camera are 320x180 and 640x360.
    if (side <= 320) return 'low';
    return side <= 640 ? 'medium' : 'high';
  }

  close(): void {
    this.sessions.close();
  }

  /** What suits the model, and what the user wants instead. */
  get #picture(): EncodeOptions {
    const suited = this.#sink()?.picture ?? MODEL_PICTURE;
    return { ...suited, ...this.#deps.options.input.image };
  }

  /** The sink of the agent that has the floor: another one after a hand-off. */
  #sink(): RealtimeVideoSink | undefined {
    const session: llm.RealtimeSession | undefined = currentRealtimeSession(this.#deps.session);
    return this.sessions.sink(session);
  }
}
