import type { llm } from '@livekit/agents';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { keepRevocable } from '../frames/gate.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { turnPicture, withdrawTurnPicture } from '../models/chat-pictures.ts';

/** How a frame is shown in a chat message. */
export interface FramePictureOptions {
  image: EncodeOptions;
  detail?: 'auto' | 'high' | 'low';
  /** Called if what the frame shows is taken away later. */
  onWithdrawn?: () => void;
}

/**
 * A picture of this frame for a chat message. If what it shows is taken away, it is replaced by a
 * line of text wherever it is.
 * @throws EncodeError; LookError if it was taken away before.
 */
export async function framePicture(
  frame: SeenFrame,
  { image, detail = 'auto', onWithdrawn }: FramePictureOptions,
): Promise<llm.ImageContent> {
  const encoded = await frame.encode(image);
  const picture = turnPicture(toDataUrl(encoded), encoded.mimeType, frame, detail);
  keepRevocable(frame, picture, (one) => {
    withdrawTurnPicture(one);
    onWithdrawn?.();
  });
  return picture;
}
