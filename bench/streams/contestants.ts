import type { OpenReader } from './reader.ts';
import { SightlineReaders } from './sightline-reader.ts';
import { VideoStreamReader } from './video-stream-reader.ts';

/** Between two pictures while the user speaks, and while nobody does, in ms. */
export const SPEAKING_MS = 1000;
export const IDLE_MS = 3000;

/** Those of Node, by name. */
export const CONTESTANTS: Readonly<Record<string, OpenReader>> = {
  sightline: (streams, counts) =>
    new SightlineReaders(streams, counts, { everyMs: SPEAKING_MS, pauses: false }),
  'sightline-idle': (streams, counts) =>
    new SightlineReaders(streams, counts, { everyMs: IDLE_MS, pauses: true }),
  videostream(streams, counts) {
    const readers = streams.map((stream) => new VideoStreamReader(stream, counts, SPEAKING_MS));
    return { close: async () => void (await Promise.all(readers.map((one) => one.close()))) };
  },
  /** Subscribed, and nobody reads: what no reader can save. */
  subscribed: () => ({ close: async () => {} }),
};
