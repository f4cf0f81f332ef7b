import type { VideoFrame } from '@livekit/rtc-node';
import { OptionError } from '../errors.ts';
import { edited } from '../frames/frame-edit.ts';
import { letters } from '../frames/letters.ts';
import { keepsNothing } from './keeps-nothing.ts';
import type { ProcessorContext, VideoProcessor } from './video-processor.ts';

/** Height of a line as a share of the picture's height, and its least in pixels. */
const LINE = { share: 0.05, leastPixels: 14 };

/**
 * Writes a text at the bottom of each frame, white on black.
 *
 * @param text - A text, or a function that makes one for each frame; an empty text changes nothing.
 *
 * @example
 * ```ts
 * input: { processors: [caption(({ receivedAt }) => new Date(receivedAt).toISOString())] }
 * ```
 * @throws OptionError
 */
export function caption(text: string | ((context: ProcessorContext) => string)): VideoProcessor {
  if (typeof text !== 'string' && typeof text !== 'function')
    throw new OptionError('text', text, 'use a text, or a function that returns one');
  return keepsNothing({
    name: 'caption',
    async process(frame, context) {
      const line = typeof text === 'function' ? text(context) : text;
      if (typeof line !== 'string') throw new OptionError('text', line, 'return a text');
      return line.trim() === '' ? frame : withLine(frame, line);
    },
  });
}

async function withLine(frame: VideoFrame, line: string): Promise<VideoFrame> {
  const { width, height } = frame;
  const lineHeight = Math.max(LINE.leastPixels, Math.round(height * LINE.share));
  const margin = Math.round(lineHeight / 3);
  const text = letters(line, {
    color: 'white',
    lineHeight,
    width: Math.max(1, width - 2 * margin),
    wrap: 'word-char',
  });
  const { data, info } = await text.png().toBuffer({ resolveWithObject: true });
  // A picture that is too small for the text stays readable itself.
  if (info.width > width || info.height + 2 * margin > height) return frame;
  const barHeight = info.height + 2 * margin;
  const top = height - barHeight;
  const create = { width, height: barHeight, channels: 3, background: 'black' } as const;
  return edited(frame, (image) =>
    image.composite([
      { input: { create }, left: 0, top },
      { input: data, left: margin, top: top + margin },
    ]),
  );
}
