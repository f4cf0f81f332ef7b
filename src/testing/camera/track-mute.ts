/** A room's handler of a mute or an unmute of its participant's track. */
type Listener = (muted: boolean) => void;

interface Switch {
  muted: boolean;
  readonly listeners: Set<Listener>;
}

const switches = new WeakMap<object, Switch>();

function switchOf(track: object): Switch {
  const known = switches.get(track) ?? { muted: false, listeners: new Set() };
  switches.set(track, known);
  return known;
}

/** Whether the track's owner has muted it. */
export const isTrackMuted = (track: object): boolean => switchOf(track).muted;

/** Mutes or unmutes the track for its owner, and notifies the rooms of this process. */
export function setTrackMuted(track: object, muted: boolean): void {
  const found = switchOf(track);
  found.muted = muted;
  for (const listener of found.listeners) listener(muted);
}

/** Calls the listener at each mute and unmute by the owner. @returns a function that removes it. */
export function onTrackMuted(track: object, listener: Listener): () => void {
  const { listeners } = switchOf(track);
  listeners.add(listener);
  return () => listeners.delete(listener);
}
