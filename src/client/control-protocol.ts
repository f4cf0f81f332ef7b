/** How a page learns whether an agent watches, and switches it: the names of both sides. */

/** What the agent's video does: nothing, look when asked, or watch. */
export type VideoMode = 'off' | 'onDemand' | 'sampled';

const WATCH_MODES: readonly VideoMode[] = ['off', 'onDemand', 'sampled'];

/** Attribute of the agent: its {@link VideoMode}. There only where the agent may be switched. */
export const MODE_ATTRIBUTE = 'sightline.mode';

/** RPC of the agent. The payload is `{"mode":"off"}`, the reply the same with the mode it is in. */
export const MODE_METHOD = 'sightline.mode';

/** Longest payload of the RPC, in characters. */
export const MAX_MODE_PAYLOAD = 64;

/** Codes of the RPC errors: LiveKit keeps 1001 to 1999 for itself. */
export const ControlRefusal = {
  /** The payload is no mode. */
  malformed: 400,
  /** The caller is not the participant that the agent serves. */
  notServed: 403,
  /** The payload is longer than {@link MAX_MODE_PAYLOAD}. */
  tooLarge: 413,
} as const;

export const isVideoMode = (value: unknown): value is VideoMode =>
  WATCH_MODES.some((mode) => mode === value);
