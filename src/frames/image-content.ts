import { llm } from '@livekit/agents';
import { IMAGE_CONTENT } from '../defaults.ts';
import { filled } from '../option-table.ts';
import type { EncodedImage } from './encode.ts';

/** How closely a model is asked to look; `auto` leaves it to the model. */
export interface ImageContentOptions {
  /** @defaultValue 'auto' */
  detail?: 'auto' | 'high' | 'low' | undefined;
}

/** The picture as a `data:` URL, which every chat model takes in place of a link. */
export function toDataUrl(image: EncodedImage): string {
  return `data:${image.mimeType};base64,${image.data.toString('base64')}`;
}

/**
 * The picture as content of a chat message, ready for `ChatMessage.content`.
 *
 * It carries the encoded bytes, so the framework does not encode the frame again (its own
 * serialization makes a full-size PNG).
 */
export function toImageContent(
  image: EncodedImage,
  options: ImageContentOptions = {},
): llm.ImageContent {
  return llm.createImageContent({
    image: toDataUrl(image),
    mimeType: image.mimeType,
    inferenceDetail: filled('', options, IMAGE_CONTENT).detail,
  });
}
