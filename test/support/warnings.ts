const seen: string[] = [];

process.on('warning', (warning) => {
  if (!isOfManyRequests(warning)) seen.push(`${warning.name}: ${warning.message}`);
});

/**
 * Whether rtc-node warns of its requests under way. Each listens for the end of its room, so eleven
 * at once count as a leak, but an answer removes the listener: `warnings.server.test.ts`. The
 * framework writes an attribute at each change of the agent's state, and does not wait.
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
