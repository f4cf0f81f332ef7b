import type { VideoRotation } from '@livekit/rtc-node';
import { OptionError } from '../errors.ts';
import type { ResizeBox } from './geometry.ts';
import { STRATEGIES } from './geometry.ts';

/** Formats that a frame can be encoded to. */
export type ImageFormat = 'jpeg' | 'png' | 'webp';

/** The turn that makes a picture upright: clockwise degrees, or rtc-node's name of it (0 to 3). */
export type Rotation = VideoRotation | 0 | 90 | 180 | 270;

/** What Google's guide and the Python framework send. */
export const MODEL_IMAGE: EncodeOptions = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/** How a frame is encoded. */
export interface EncodeOptions {
  /** Default `jpeg`. */
  format?: ImageFormat | undefined;
  /** A whole number from 1 to 100, default 75. JPEG and WebP only: a PNG loses nothing. */
  quality?: number | undefined;
  /**
   * Size to meet, sides from 1 to 16383 pixels. Default: the picture keeps its size.
   * The picture is turned upright first, so this is the size as it is seen.
   */
  resize?: ResizeBox | undefined;
  /**
   * Whether `resize` may make a picture larger, default `true` as in Python. With `false` a
   * picture smaller than the box keeps its size (without bars), and otherwise no side grows.
   */
  enlarge?: boolean | undefined;
  /**
   * Upper limit of the result in bytes. Quality goes down first (not for PNG), then size.
   * Default: no limit.
   */
  maxBytes?: number | undefined;
  /** Milliseconds until the encode counts as failed, from 1 to 600000, default 5000. */
  timeoutMs?: number | undefined;
  /** The turn that makes the picture upright. Default: the one that came with the frame, else none. */
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

/** In pixels: the largest side of a WebP, and more than any model looks at. */
const MAX_SIDE = 16_383;

const FORMATS: readonly ImageFormat[] = ['jpeg', 'png', 'webp'];
/** By rtc-node's number, which is also how often to turn by 90 degrees. */
const DEGREES = [0, 90, 180, 270] as const;

/**
 * @param carried - Rotation that came with the frame; `options.rotation` wins over it.
 * @throws OptionError for the first option that is out of range.
 */
export function checkedOptions(
  options: EncodeOptions,
  carried: Rotation | undefined,
): CheckedEncodeOptions {
  const { format = 'jpeg', resize, enlarge = true } = options;
  const { quality = 75, maxBytes = Number.POSITIVE_INFINITY, timeoutMs = 5000 } = options;
  if (!FORMATS.includes(format)) {
    throw new OptionError('format', format, `use one of ${FORMATS.join(', ')}`);
  }
  if (typeof enlarge !== 'boolean') {
    throw new OptionError('enlarge', enlarge, 'give true or false');
  }
  checkWhole('quality', quality, 100);
  checkWhole('timeoutMs', timeoutMs, 600_000);
  if (options.maxBytes !== undefined) checkWhole('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER);
  if (resize !== undefined) {
    if (typeof resize !== 'object' || resize === null) {
      throw new OptionError('resize', resize, 'give { width, height, strategy }');
    }
    checkWhole('resize.width', resize.width, MAX_SIDE);
    checkWhole('resize.height', resize.height, MAX_SIDE);
    if (!STRATEGIES.includes(resize.strategy)) {
      throw new OptionError(
        'resize.strategy',
        resize.strategy,
        `use one of ${STRATEGIES.join(', ')}`,
      );
    }
  }
  const degrees = degreesOf(options.rotation ?? carried ?? 0);
  return { format, quality, resize, enlarge, maxBytes, timeoutMs, degrees };
}

function degreesOf(rotation: Rotation): 0 | 90 | 180 | 270 {
  const degrees = DEGREES.find((turn, index) => rotation === turn || rotation === index);
  if (degrees === undefined) {
    throw new OptionError('rotation', rotation, 'give 0, 90, 180 or 270, or a VideoRotation');
  }
  return degrees;
}

function checkWhole(option: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new OptionError(option, value, `give a whole number from 1 to ${most}`);
  }
}
