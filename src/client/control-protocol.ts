/** The names with which a page reads and switches the agent's video, shared by both sides. */

/** State of the agent's video: off, on demand, or sampled. */
export type VideoMode = 'off' | 'onDemand' | 'sampled';

const WATCH_MODES: readonly VideoMode[] = ['off', 'onDemand', 'sampled'];

/**
 * Attribute of the agent with its {@link VideoMode}. It exists only if the page may switch the
 * video.
 */
export const MODE_ATTRIBUTE = 'sightline.mode';

/**
 * RPC of the agent. The payload is `{"mode":"off"}`; the reply has the same form, with the current
 * mode.
 */
export const MODE_METHOD = 'sightline.mode';

/** Longest payload of the RPC, in characters. */
export const MAX_MODE_PAYLOAD = 64;

/** Codes of the RPC errors. LiveKit reserves 1001 to 1999. */
export const ControlRefusal = {
  /** The payload is not a mode. */
  malformed: 400,
  /** The caller is not the participant that the agent serves. */
  notServed: 403,
  /** The payload is longer than {@link MAX_MODE_PAYLOAD}. */
  tooLarge: 413,
} as const;

export const isVideoMode = (value: unknown): value is VideoMode =>
  WATCH_MODES.some((mode) => mode === value);
