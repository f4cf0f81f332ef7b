import { imageSize } from 'image-size';

/** The properties of a picture, read from its bytes. */
export interface Picture {
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp';
  width: number;
  height: number;
}

const MIME_TYPES = new Map<string | undefined, Picture['mimeType']>([
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
]);

/** Reads type and size; `undefined` if the bytes are not a supported picture. */
export function readPicture(data: Buffer): Picture | undefined {
  try {
    const { type, width, height } = imageSize(data);
    const mimeType = MIME_TYPES.get(type);
    return mimeType && width > 0 && height > 0 ? { mimeType, width, height } : undefined;
  } catch {
    // `imageSize` throws if it cannot read the bytes.
    return undefined;
  }
}
