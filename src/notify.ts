/**
 * Calls a handler of the application. One that throws, or whose promise is rejected, must not end
 * what called it, nor the process.
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
