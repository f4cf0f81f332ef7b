import type { VideoRotation } from '@livekit/rtc-node';
import { object } from '../checks.ts';
import { ENCODE, RESIZE } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import type { ResizeBox } from './geometry.ts';

/** Formats that a frame can be encoded to. */
export type ImageFormat = 'jpeg' | 'png' | 'webp';

/**
 * The rotation that makes a picture upright: clockwise degrees, or rtc-node's constant (0 to 3).
 */
export type Rotation = VideoRotation | 0 | 90 | 180 | 270;

/** How a frame is encoded. */
export interface EncodeOptions {
  /** @defaultValue 'jpeg' */
  format?: ImageFormat | undefined;
  /**
   * A whole number from 1 to 100. JPEG and WebP only; PNG is lossless.
   * @defaultValue 75
   */
  quality?: number | undefined;
  /**
   * Target size, with sides from 1 to 16383 pixels. It applies to the upright picture.
   * @defaultValue the picture keeps its size
   */
  resize?: ResizeBox | undefined;
  /**
   * Whether `resize` may enlarge a picture, as it may in Python. With `false`, a picture smaller
   * than the box keeps its size (without bars), and no side of a larger one grows.
   * @defaultValue true
   */
  enlarge?: boolean | undefined;
  /**
   * Upper limit of the result in bytes. Quality decreases first (not for PNG), then size.
   * @defaultValue none
   */
  maxBytes?: number | undefined;
  /**
   * Time limit of the encode, in ms, from 1 to 600000.
   * @defaultValue 5000
   */
  timeoutMs?: number | undefined;
  /**
   * The rotation that makes the picture upright.
   * @defaultValue the frame's own rotation, else none
   */
  rotation?: Rotation | undefined;
}

/** Checked options, with every default filled in. */
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

/** Indexed by rtc-node's constant, which is also the number of 90-degree turns. */
const DEGREES = [0, 90, 180, 270] as const;

/**
 * @param carried - Rotation of the frame; `options.rotation` overrides it.
 * @param path - Path of the options within the user's options; empty if they are the argument
 * itself.
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
 * Checks the options of a picture that is made later.
 * @param option - Path of the options within the user's options.
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
