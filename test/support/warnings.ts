const seen: string[] = [];

process.on('warning', ({ name, message }) => seen.push(`${name}: ${message}`));

/**
 * The warnings of this process since the last call. A test that causes one must take it; any other
 * warning fails its file.
 */
export async function takeWarnings(): Promise<string[]> {
  // Node.js emits a warning a tick after it was caused.
  await new Promise((resolve) => setImmediate(resolve));
  return seen.splice(0);
}
