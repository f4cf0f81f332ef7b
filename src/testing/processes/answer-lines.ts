import { createInterface } from 'node:readline';

/**
 * The other side of a `LineChild`: answers each line of the input, one after the other, until the
 * input ends. What the handler throws becomes the reply.
 */
export async function answerLines(handle: (line: string) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: unknown;
    try {
      reply = (await handle(line)) ?? null;
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`#${JSON.stringify(reply)}\n`);
  }
}
