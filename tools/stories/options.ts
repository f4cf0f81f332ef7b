import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface StoriesOptions {
  minutes: number;
  /** Of the first story; the next ones follow. */
  seed: number;
  /** Processes that play stories. */
  workers: number;
  /** Each story has a mask, and none has speech. */
  masks: boolean;
  /** The rooms are on a LiveKit server. */
  server: boolean;
  /** The file for the result. */
  json: string | undefined;
}

export const USAGE = `npm run stories -- [options]
  --minutes M        how long, from 0.05 to 1440 (default 1)
  --seed S           the first story; each has a seed of its own, and the next one is one more
                     (default: a new one, which is printed)
  --workers N        processes that play, from 1 to 16 (default 3; 1 with --server)
  --masks            put a mask on what people show, in each story; none has speech
  --server           play in rooms of a LiveKit server: the one of LIVEKIT_URL, or one that is
                     started for this run; a story takes seconds more
  --json FILE        write the result
  --help             this text`;

/** @throws Error with a readable message. */
export function storiesOptions(args: readonly string[]): StoriesOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      masks: { type: 'boolean', default: false },
      server: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.05 && minutes <= 1440))
    throw new Error(`--minutes ${values.minutes}: give a number from 0.05 to 1440`);
  const seed = Number(values.seed ?? randomInt(1, 1_000_000));
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > MOST_SEED)
    throw new Error(`--seed ${values.seed}: give a whole number from 0 to ${MOST_SEED}`);
  const { masks, server, json } = values;
  const workers = Number(values.workers ?? (server ? 1 : 3));
  if (!Number.isInteger(workers) || workers < 1 || workers > 16)
    throw new Error(`--workers ${values.workers}: give a whole number from 1 to 16`);
  return { minutes, seed, workers, masks, server, json };
}

/** fast-check's seeds have 32 bits: room for a long run. */
const MOST_SEED = 2_000_000_000;
