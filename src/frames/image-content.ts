import { llm } from '@livekit/agents';
import { IMAGE_CONTENT } from '../defaults.ts';
import { OptionError } from '../errors.ts';
import { filled } from '../option-table.ts';
import type { EncodedImage } from './encode.ts';

/** How closely the model should look; `auto` leaves it to the model. */
export interface ImageContentOptions {
  /** @defaultValue 'auto' */
  detail?: 'auto' | 'high' | 'low' | undefined;
}

/**
 * The picture as a `data:` URL, which every chat model accepts instead of a link.
 * @throws OptionError if it is not a result of `encodeFrame`.
 */
export function toDataUrl(image: EncodedImage): string {
  if (!Buffer.isBuffer(image?.data) || !/^image\/\w+$/.test(image.mimeType))
    throw new OptionError('image', image, 'give what encodeFrame() returns, { data, mimeType }');
  return `data:${image.mimeType};base64,${image.data.toString('base64')}`;
}

/**
 * The picture as content of a chat message, ready for `ChatMessage.content`.
 *
 * It contains the encoded bytes, so the framework does not encode the frame again; its own
 * serialization creates a full-size PNG.
 *
 * @throws OptionError
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
