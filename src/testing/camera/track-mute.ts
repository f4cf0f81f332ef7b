/** What a room does when its participant mutes or unmutes a track. */
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

/** The track's owner mutes or unmutes it, and the rooms of this process are notified. */
export function setTrackMuted(track: object, muted: boolean): void {
  const found = switchOf(track);
  found.muted = muted;
  for (const listener of found.listeners) listener(muted);
}

/** Calls the listener whenever the owner mutes or unmutes the track. @returns how to end that. */
export function onTrackMuted(track: object, listener: Listener): () => void {
  const { listeners } = switchOf(track);
  listeners.add(listener);
  return () => listeners.delete(listener);
}
