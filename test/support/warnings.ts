const seen: string[] = [];

process.on('warning', (warning) => {
  if (!isOfManyRequests(warning)) seen.push(`${warning.name}: ${warning.message}`);
});

/**
 * Whether rtc-node warns of its requests under way. Each listens for the end of its room, so eleven
 * at once count as a leak, although an answer removes the listener. The framework does not wait for
 * the attribute that it writes at each change of the agent's state, so a busy machine gets there.
 * `test/integration/warnings.server.test.ts` is the control.
 */
function isOfManyRequests({ name, stack = '' }: Error): boolean {
  return (
    name === 'MaxListenersExceededWarning' &&
    stack.includes('FfiClient.waitFor') &&
    stack.includes('/@livekit/rtc-node/')
  );
}

/**
 * The warnings of this process since the last call. A test that causes one must take it; any other
 * warning fails its file.
 */
export async function takeWarnings(): Promise<string[]> {
  // Node.js emits a warning a tick after it was caused.
  await new Promise((resolve) => setImmediate(resolve));
  return seen.splice(0);
}
