import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface SoakOptions {
  minutes: number;
  /** The same seed gives the same operations in the same order. */
  seed: number;
  /** The file for all samples. */
  json: string | undefined;
}

export const USAGE = `npm run soak -- [options]
  --minutes M        how long, from 0.2 to 1440 (default 2)
  --seed N           repeats the operations of a run (default: a new one, which is printed)
  --json FILE        write all samples
  --help             this text`;

/** @throws Error with a readable message. */
export function soakOptions(args: readonly string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.2 && minutes <= 1440))
    throw new Error(`--minutes ${values.minutes}: give a number from 0.2 to 1440`);
  const seed = Number(values.seed ?? randomInt(1, 1_000_000));
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`--seed ${values.seed}: give a whole number from 0 on`);
  return { minutes, seed, json: values.json };
}
