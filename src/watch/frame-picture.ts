import type { llm } from '@livekit/agents';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { keepRevocable, noteShown } from '../frames/handed-frames.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { turnPicture, withdrawTurnPicture } from '../models/chat-pictures.ts';

/** How a frame appears in a chat message. */
export interface FramePictureOptions {
  image: EncodeOptions;
  detail?: 'auto' | 'high' | 'low';
  /** The model of the conversation gets it: it counts in `metrics()`, and can be pointed at. */
  isForAgent?: boolean;
  /** Called if the frame's video is switched off later. */
  onWithdrawn?: () => void;
}

/**
 * A picture of this frame for a chat message. If the frame's video is switched off later, a line of
 * text replaces it everywhere.
 * @throws EncodeError; LookError if the video was switched off before.
 */
export async function framePicture(
  frame: SeenFrame,
  { image, detail = 'auto', isForAgent, onWithdrawn }: FramePictureOptions,
): Promise<llm.ImageContent> {
  const encoded = await frame.encode(image);
  const picture = turnPicture(toDataUrl(encoded), encoded.mimeType, frame, detail);
  keepRevocable(frame, picture, (one) => {
    withdrawTurnPicture(one);
    onWithdrawn?.();
  });
  if (isForAgent) noteShown(frame, { image: encoded, options: image, purpose: 'turn' });
  return picture;
}
