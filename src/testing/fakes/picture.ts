import { imageSize } from 'image-size';

/** What the bytes of a picture say about it. */
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

/** Reads type and size; undefined if the bytes are no such picture. */
export function readPicture(data: Buffer): Picture | undefined {
  try {
    const { type, width, height } = imageSize(data);
    const mimeType = MIME_TYPES.get(type);
    return mimeType && width > 0 && height > 0 ? { mimeType, width, height } : undefined;
  } catch {
    // It throws at what it cannot read.
    return undefined;
  }
}
