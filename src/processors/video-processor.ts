import { type FrameProcessor, isFrameProcessor, type VideoFrame } from '@livekit/rtc-node';
import { PROCESSOR } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import type { FrameRef } from '../frame.ts';
import { WHOLE } from '../frames/picture-place.ts';
import { filled } from '../option-table.ts';
import { doesKeepNothing } from './keeps-nothing.ts';
import { checkedRegion, type Region } from './region.ts';

/** The frame that a processor gets, without its pixels. `width` and `height` are those upright. */
export interface ProcessorContext extends FrameRef {
  /** Aborts if the result is no longer needed, or at the processor's time limit. */
  readonly signal: AbortSignal;
}

/** The limits of a processor. */
export interface ProcessorLimits {
  /**
   * Frames a second, at most, that are processed. A picture that is requested sooner waits.
   * @defaultValue no limit
   */
  readonly maxFps?: number;
  /**
   * Time limit for a frame, in ms.
   * @defaultValue 1000
   */
  readonly timeoutMs?: number;
}

/**
 * Decides what leaves the session. It gets each frame that is about to be used, upright, before it
 * is encoded, and returns the frame to use instead. `null` withholds the frame.
 *
 * A frame is also withheld if the processor throws, rejects, returns anything else, or takes longer
 * than its limit.
 */
export interface VideoProcessor extends ProcessorLimits {
  /** Appears in errors. */
  readonly name: string;
  /**
   * @param frame - A private copy of the frame: it may be changed and returned.
   * @param context - Where the frame comes from.
   */
  process(
    frame: VideoFrame,
    context: ProcessorContext,
  ): VideoFrame | null | Promise<VideoFrame | null>;
  /**
   * The part of a frame of this size that the result shows, for a processor that cuts frames:
   * `createPointTool` needs it. The default is the entire frame.
   */
  shownRegion?(size: Readonly<{ width: number; height: number }>): Region;
}

/** A processor of Sightline, or one of rtc-node's class. */
export type AnyProcessor = VideoProcessor | FrameProcessor<VideoFrame>;

/** A processor with its limits. */
export interface CheckedProcessor {
  readonly name: string;
  process: VideoProcessor['process'];
  shownRegion: NonNullable<VideoProcessor['shownRegion']>;
  /** It keeps no frame. */
  readonly keepsNothing: boolean;
  /** Shortest time between two frames, in ms. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * The processors in order, with their limits.
 * @throws OptionError that names the entry.
 */
export function checkedProcessors(
  option: string,
  value: readonly AnyProcessor[],
): readonly CheckedProcessor[] {
  if (!Array.isArray(value))
    throw new OptionError(option, value, 'use an array of processors, such as [mask(regions)]');
  return value.map((one: AnyProcessor, index) => checkedProcessor(`${option}[${index}]`, one));
}

function checkedProcessor(option: string, value: AnyProcessor): CheckedProcessor {
  if (isFrameProcessor<FrameProcessor<VideoFrame>>(value)) return ofFrameProcessor(value);
  if (typeof value?.process !== 'function' || typeof value.name !== 'string')
    throw new OptionError(
      option,
      value,
      typeof value === 'function'
        ? 'call it, to get a processor'
        : 'use { name, process(frame, context) }, or a FrameProcessor of rtc-node',
    );
  const { maxFps, timeoutMs } = filled(
    option,
    { maxFps: value.maxFps, timeoutMs: value.timeoutMs },
    PROCESSOR,
  );
  return {
    name: value.name,
    process: (frame, context) => value.process(frame, context),
    shownRegion: (size) => checkedRegion('shownRegion', value.shownRegion?.(size) ?? WHOLE),
    keepsNothing: doesKeepNothing(value),
    intervalMs: maxFps === undefined ? 0 : 1000 / maxFps,
    timeoutMs,
  };
}

/** Disabled, such a processor would let frames through unchanged: so they are withheld. */
function ofFrameProcessor(processor: FrameProcessor<VideoFrame>): CheckedProcessor {
  return {
    name: processor.constructor.name,
    process: (frame) => (processor.isEnabled() ? processor.process(frame) : null),
    shownRegion: () => WHOLE,
    keepsNothing: false,
    intervalMs: 0,
    timeoutMs: PROCESSOR.timeoutMs.default ?? 0,
  };
}
