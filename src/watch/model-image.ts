import type { EncodeOptions } from '../frames/encode-options.ts';

/** A picture for a model that is asked about it. */
export const MODEL_IMAGE: EncodeOptions = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};
