/** What the demo's agent tells its page beside what the library does: names of both sides. */

/** Byte streams of this topic are the pictures that the model got, for this visitor only. */
export const SEEN_TOPIC = 'sightline.seen';

/** Attribute of the agent: what its eyes do, such as `live`, `opening` or `stalled`. */
export const STREAM_ATTRIBUTE = 'sightline.stream';

/** Attribute of the agent: `camera`, `screen` or `none`. */
export const SOURCE_ATTRIBUTE = 'sightline.source';
