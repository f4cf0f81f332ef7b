import { freshFrame } from '../actors/fresh-frame.ts';
import { MotionStrip } from '../actors/motion-strip.ts';
import type { PublicationSwitches } from '../actors/publication-switches.ts';
import { roomEvents } from '../actors/room-events.ts';
import { videoStream } from '../actors/video-stream.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { type LumaFeed, NewestFrameSlot, type PinnedFrame } from '../frames/newest-frame.ts';
import { openFrameSource } from '../frames/open-frame-source.ts';
import { type SeenFrame, seenFrame } from '../frames/seen-frame.ts';
import type { VideoLayer } from '../internals/rtc-node.ts';
import { idlePauseMachine } from '../machines/idle-pause.machine.ts';
import { lookMachine } from '../machines/look.machine.ts';
import type { SessionEvent } from '../machines/session.types.ts';
import { sightMachine } from '../machines/sight.machine.ts';
import { streamReplacementMachine } from '../machines/stream-replacement.machine.ts';
import { trackDiscoveryMachine } from '../machines/track-discovery.machine.ts';
import { turnMotionMachine } from '../machines/turn-motion.machine.ts';
import { viewMachine } from '../machines/view.machine.ts';
import type { MetricsCollector } from './metrics.ts';
import type { RealtimeVideo, ViewSampling } from './realtime-video.ts';
import type { SessionReporter } from './reporter.ts';
import type { ResolvedOptions } from './resolve-options.ts';

export interface ViewDeps {
  /** Its place in `input.sources`. */
  view: number;
  options: ResolvedOptions;
  metrics: MetricsCollector;
  reporter: SessionReporter;
  realtime: RealtimeVideo;
  switches: PublicationSwitches;
  linkedIdentity(): string | null;
  tell(event: SessionEvent): void;
  /** As the picture of a turn. */
  encode(pinned: PinnedFrame): Promise<EncodedImage>;
  layer(): VideoLayer;
  onClosing(closing: Promise<void>): void;
}

/** One source that is followed: its newest frame, and its machines with their real actors. */
export class View {
  readonly slot: NewestFrameSlot;
  /** How the user's turn went. */
  readonly strip: MotionStrip;
  readonly machine: typeof viewMachine;
  readonly #deps: ViewDeps;
  readonly #sampling: ViewSampling;

  constructor(deps: ViewDeps) {
    this.#deps = deps;
    const { view, options, metrics, reporter, realtime, switches } = deps;
    const { room, input } = options;
    const slot = new NewestFrameSlot(metrics.frames);
    slot.onFrame((frame) => reporter.frame(view, frame));
    this.slot = slot;
    this.strip = new MotionStrip({
      slot,
      encode: deps.encode,
      onError: (error) => reporter.error('encode', error),
    });
    this.#sampling = realtime.sampling(view, slot);
    this.machine = viewMachine.provide({
      actors: {
        sight: sightMachine.provide({
          actors: {
            roomEvents: roomEvents(room, switches, deps.linkedIdentity),
            trackDiscovery: trackDiscoveryMachine,
            streamReplacement: streamReplacementMachine,
            idlePause: idlePauseMachine,
            videoStream: videoStream({
              room,
              slot,
              switches,
              stallAfterMs: input.stallAfterMs,
              open: (track, handlers) => {
                const source = openFrameSource(track, handlers);
                metrics.via = source.via;
                return source;
              },
              layer: deps.layer,
              onClosing: deps.onClosing,
            }),
          },
        }),
        frameSampling: this.#sampling.machine,
        look: lookMachine.provide({ actors: { freshFrame: freshFrame(slot) } }),
        turnMotion: turnMotionMachine.provide({ actors: { takePicture: this.strip.take() } }),
      },
    });
  }

  /** Frames as they come. While somebody listens the video is not paused. */
  get lumaFeed(): LumaFeed {
    const { slot } = this;
    const { view, tell } = this.#deps;
    return {
      onFrame: (listener) => {
        tell({ type: 'flow.held', view });
        const stop = slot.onFrame(listener);
        return () => {
          stop();
          tell({ type: 'flow.released', view });
        };
      },
      luma: (width, height) => slot.luma(width, height),
    };
  }

  /** A copy of the newest frame; `undefined` where there is none. */
  latestFrame(): SeenFrame | undefined {
    const pinned = this.slot.pin();
    return pinned && seenFrame(pinned);
  }

  /** The session is over; done when no frame is in use. */
  async close(): Promise<void> {
    this.slot.clear();
    await Promise.all([this.#sampling.close(), this.strip.close()]);
  }
}
