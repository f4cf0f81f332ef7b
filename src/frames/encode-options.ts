import type { VideoRotation } from '@livekit/rtc-node';
import { object } from '../checks.ts';
import { ENCODE, RESIZE } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import type { ResizeBox } from './geometry.ts';

/** Formats that a frame can be encoded to. */
export type ImageFormat = 'jpeg' | 'png' | 'webp';

/** The turn that makes a picture upright: clockwise degrees, or rtc-node's name of it (0 to 3). */
export type Rotation = VideoRotation | 0 | 90 | 180 | 270;

/** How a frame is encoded. */
export interface EncodeOptions {
  /** @defaultValue 'jpeg' */
  format?: ImageFormat | undefined;
  /**
   * A whole number from 1 to 100. JPEG and WebP only: a PNG loses nothing.
   * @defaultValue 75
   */
  quality?: number | undefined;
  /**
   * Size to meet, sides from 1 to 16383 pixels. The picture is turned upright first, so this is the
   * size as it is seen.
   * @defaultValue the picture keeps its size
   */
  resize?: ResizeBox | undefined;
  /**
   * Whether `resize` may make a picture larger, as it may in Python. With `false` a picture smaller
   * than the box keeps its size (without bars), and otherwise no side grows.
   * @defaultValue true
   */
  enlarge?: boolean | undefined;
  /**
   * Upper limit of the result in bytes. Quality goes down first (not for PNG), then size.
   * @defaultValue none
   */
  maxBytes?: number | undefined;
  /**
   * Time until the encode counts as failed, in ms, from 1 to 600000.
   * @defaultValue 5000
   */
  timeoutMs?: number | undefined;
  /**
   * The turn that makes the picture upright.
   * @defaultValue the one that came with the frame, else none
   */
  rotation?: Rotation | undefined;
}

/** Options after checks, with every default filled in. */
export interface CheckedEncodeOptions {
  format: ImageFormat;
  quality: number;
  resize: ResizeBox | undefined;
  enlarge: boolean;
  maxBytes: number;
  timeoutMs: number;
  /** Clockwise. */
  degrees: 0 | 90 | 180 | 270;
}

/** By rtc-node's number, which is also how often to turn by 90 degrees. */
const DEGREES = [0, 90, 180, 270] as const;

/**
 * @param carried - Rotation that came with the frame; `options.rotation` wins over it.
 * @param path - Where the options are among the user's; empty if they are the argument itself.
 * @throws OptionError for the first option that is out of range.
 */
export function checkedOptions(
  options: EncodeOptions,
  carried: Rotation | undefined,
  path = '',
): CheckedEncodeOptions {
  const values = filled(path, options, ENCODE);
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const { resize, rotation } = options;
  if (resize !== undefined) {
    object(at('resize'), resize, 'give { width, height, strategy }');
    filled(at('resize'), resize, RESIZE);
  }
  return { ...values, resize, degrees: degreesOf(at('rotation'), rotation ?? carried ?? 0) };
}

/**
 * Options of a picture that is made later: checked when they are given.
 * @param option - Where they are among the user's options.
 * @throws OptionError for the first option that is out of range.
 */
export function checkedPicture(option: string, options: EncodeOptions): EncodeOptions {
  object(option, options, 'give the options of encodeFrame');
  checkedOptions(options, undefined, option);
  return options;
}

function degreesOf(option: string, rotation: Rotation): 0 | 90 | 180 | 270 {
  const degrees = DEGREES.find((turn, index) => rotation === turn || rotation === index);
  if (degrees === undefined) {
    throw new OptionError(option, rotation, 'give 0, 90, 180 or 270, or a VideoRotation');
  }
  return degrees;
}
