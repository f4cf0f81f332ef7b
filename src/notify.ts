/**
 * Calls a handler of the application. If it throws or rejects, `onError` gets the error, and the
 * caller continues.
 */
export function notify<Event>(
  handler: (event: Event) => unknown,
  event: Event,
  onError: (error: unknown) => void,
): void {
  try {
    Promise.resolve(handler(event)).catch(onError);
  } catch (error) {
    onError(error);
  }
}
