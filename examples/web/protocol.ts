/** Names that the demo's agent and its page share, in addition to those of the library. */

/** Byte streams of this topic are the pictures that the model got, for this visitor only. */
export const SEEN_TOPIC = 'sightline.seen';

/** Attribute of the agent: the state of its stream, such as `live`, `opening` or `stalled`. */
export const STREAM_ATTRIBUTE = 'sightline.stream';

/** Attribute of the agent: `camera`, `screen` or `none`. */
export const SOURCE_ATTRIBUTE = 'sightline.source';

/** Attribute of the agent: its model, in words for the user. */
export const MODEL_ATTRIBUTE = 'sightline.model';

/** Attribute of the agent: `yes` if it understands speech. */
export const HEARS_ATTRIBUTE = 'sightline.hears';

/** RPC of the agent: hides faces from its model (`on`), or no longer (`off`). It replies the same. */
export const FACES_METHOD = 'sightline.faces';

/** Attribute of the agent: `hidden` while faces are hidden from its model. */
export const FACES_ATTRIBUTE = 'sightline.faces';

/** Name of the agent's track that shows what the model gets, while faces are hidden. */
export const VIEW_TRACK = 'sightline-view';
