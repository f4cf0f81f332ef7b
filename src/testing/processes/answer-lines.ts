import { createInterface } from 'node:readline';
import { messageOf } from '../../thrown.ts';

/**
 * The child's side of a `LineChild`: answers the lines of the input in order, until the input ends.
 * An error of the handler becomes the reply.
 */
export async function answerLines(handle: (line: string) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    let reply: unknown;
    try {
      reply = (await handle(line)) ?? null;
    } catch (error) {
      reply = { error: messageOf(error) };
    }
    process.stdout.write(`#${JSON.stringify(reply)}\n`);
  }
}
