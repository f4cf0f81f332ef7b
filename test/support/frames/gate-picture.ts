import type { EncodedImage } from '../../../src/frames/encode.ts';
import type { GatePicture } from '../../../src/frames/gate.types.ts';

const IMAGE: EncodedImage = {
  data: Buffer.from('picture'),
  mimeType: 'image/jpeg',
  width: 64,
  height: 48,
};

interface PictureOptions {
  sourceId?: string;
  trackSid?: string;
  /** Whether its video was switched off after it was taken. */
  isOff?: () => boolean;
  /** `sent`, or why it was not. */
  onDone?: (fate: string) => void;
}

/** A picture as the gate gives it, of a frame with this number. */
export const picture = (
  id: number,
  { sourceId = 'camera', trackSid = 'TR_1', isOff, onDone }: PictureOptions = {},
): GatePicture => ({
  sourceId,
  ref: {
    ...{ id, width: 64, height: 48, trackSid, identity: 'ada', receivedAt: id },
    source: sourceId === 'screen' ? 'screen' : 'camera',
  },
  size: 7,
  luma: () => ({
    ...{ width: 1, height: 1, edges: 0 },
    means: Float32Array.of(id),
    textures: Float32Array.of(0),
  }),
  handOver: () => (isOff?.() ? undefined : IMAGE),
  done: (fate) => onDone?.(fate === 'sent' ? fate : fate.skipped),
});
