import { mask } from '../../../src/processors/mask.ts';
import type { OpenReader } from './reader.ts';
import { SightlineReader } from './sightline-reader.ts';
import { VideoStreamReader } from './video-stream-reader.ts';

/** Interval between two pictures during speech and during silence, in ms. */
export const SPEAKING_MS = 1000;
export const IDLE_MS = 3000;

/** A quarter of the width and of the height. `subscriber.py` masks the same region. */
const MASKED = { x: 0.25, y: 0.25, width: 0.25, height: 0.25 };

/** The contestants of Node, by name. */
export const CONTESTANTS: Readonly<Record<string, OpenReader>> = {
  sightline: (stream, counts) =>
    new SightlineReader(stream, counts, { everyMs: SPEAKING_MS, pauses: false }),
  'sightline-masked': (stream, counts) =>
    new SightlineReader(stream, counts, {
      everyMs: SPEAKING_MS,
      pauses: false,
      processors: [mask([MASKED])],
    }),
  'sightline-idle': (stream, counts) =>
    new SightlineReader(stream, counts, { everyMs: IDLE_MS, pauses: true }),
  'sightline-kept': (stream, counts) =>
    new SightlineReader(stream, counts, { everyMs: IDLE_MS, pauses: false }),
  videostream: (stream, counts) => new VideoStreamReader(stream, counts, SPEAKING_MS),
  /** Subscribed without a reader: the cost that no reader can avoid. */
  subscribed: () => ({ close: async () => {} }),
};
