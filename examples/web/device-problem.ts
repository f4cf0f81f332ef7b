export type Shared = 'microphone' | 'camera' | 'screen';

/** What the user can do about it. */
export function deviceProblem(what: Shared, error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (!navigator.mediaDevices)
    return 'This browser shares nothing on a page without https. Open it on localhost or by https.';
  if (what === 'screen') {
    if (name === 'NotAllowedError') return 'No screen was chosen. Press again to choose one.';
    if (name === 'DeviceUnsupportedError' || !('getDisplayMedia' in navigator.mediaDevices))
      return 'This browser cannot share a screen. Share your camera instead.';
    return `The screen cannot be shared: ${text(error)}.`;
  }
  const instead = what === 'camera' ? 'share your screen' : 'type your question';
  if (name === 'NotAllowedError')
    return `The ${what} is blocked. Allow it at the left of the address bar, then press again.`;
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return `No ${what} was found. Plug one in, or ${instead}.`;
  if (name === 'NotReadableError')
    return `The ${what} is busy. Close the program that uses it, then press again.`;
  return `The ${what} cannot be shared: ${text(error)}.`;
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
