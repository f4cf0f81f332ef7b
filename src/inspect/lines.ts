import { createReadStream } from 'node:fs';

/**
 * The lines of a text file. `undefined` stands for a line that exceeds the limit, in characters;
 * such a line is never held in memory.
 */
export async function* linesOf(
  file: string,
  limit: number,
): AsyncGenerator<string | undefined, void, undefined> {
  let line = '';
  let isSkipped = false;
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>)
    for (const [index, part] of chunk.split('\n').entries()) {
      if (index > 0) {
        if (!isSkipped) yield line;
        line = '';
        isSkipped = false;
      }
      if (isSkipped) continue;
      line += part;
      if (line.length <= limit) continue;
      isSkipped = true;
      yield undefined;
    }
  if (!isSkipped && line !== '') yield line;
}
