import type { ShareOptions } from './browser-share.ts';

/** The size of what is shared, as `ScreenSharePresets.original` of livekit-client has it. */
const resolution = { width: 0, height: 0 };
const text = { resolution, contentHint: 'text' } as const;
const detail = { resolution, contentHint: 'detail' } as const;

/** A single layer, with the bit rate of that preset and livekit-client's usual frames a second. */
const oneLayer = {
  simulcast: false,
  screenShareEncoding: { maxBitrate: 7_000_000, maxFramerate: 15 },
} as const;

/** The options of a share that are compared, by their name in the report. */
export const SETTINGS = {
  defaults: {},
  'own size': { capture: { resolution } },
  'own size, one layer, text': { capture: text, publish: oneLayer },
  'own size, one layer, detail': { capture: detail, publish: oneLayer },
  'own size, text, VP9': { capture: text, publish: { videoCodec: 'vp9' } },
  'own size, one layer, VP9': { capture: text, publish: { ...oneLayer, videoCodec: 'vp9' } },
  'own size, text, AV1': { capture: text, publish: { videoCodec: 'av1' } },
  'own size, one layer, AV1': { capture: text, publish: { ...oneLayer, videoCodec: 'av1' } },
} as const satisfies Readonly<Record<string, ShareOptions>>;
