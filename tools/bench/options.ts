import { parseArgs } from 'node:util';

export const PARTS = [
  'frames',
  'streams',
  'processors',
  'slow',
  'replacements',
  'watch',
  'cost',
  'screen',
  'share',
] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  parts: ReadonlySet<Part>;
  /** The file for the figures. */
  json: string | undefined;
  /** Whether `docs/performance.md` is written. */
  docs: boolean;
  /** Length of one slice of a stream contestant. */
  sliceSeconds: number;
  slowSeconds: number;
  /** Encodes of each contestant and size. */
  iterations: number;
  /** Slices of each stream contestant. */
  rounds: number;
  /** Contestants that are left out even if they are installed. */
  without: ReadonlySet<string>;
}

export const USAGE = `npm run bench -- [options]
  --only PARTS       of ${PARTS.join(',')}; default: all
  --json FILE        write the figures
  --docs             write docs/performance.md; needs all parts
  --seconds N        of a slice of a stream, in steps of 3 (default 9),
                     and of the slow consumer (default 30)
  --iterations N     encodes of each contestant and size (default 40)
  --rounds N         slices of each stream contestant (default 3)
  --without NAMES    leave out python, limit, or both
  --help             this text`;

/** @throws Error with a readable message. */
export function benchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      iterations: { type: 'string', default: '40' },
      rounds: { type: 'string', default: '3' },
      without: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const parts = named('--only', values.only ?? PARTS.join(','), PARTS);
  if (values.docs && parts.size < PARTS.length)
    throw new Error('--docs needs all parts: no --only');
  const { seconds } = values;
  return {
    parts,
    json: values.json,
    docs: values.docs,
    sliceSeconds: whole('--seconds', seconds ?? '9'),
    slowSeconds: whole('--seconds', seconds ?? '30'),
    iterations: whole('--iterations', values.iterations),
    rounds: whole('--rounds', values.rounds),
    without: named('--without', values.without, ['python', 'limit']),
  };
}

function named<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
): ReadonlySet<Name> {
  const given = text.split(',').filter((name) => name !== '');
  for (const name of given)
    if (!names.some((known) => known === name))
      throw new Error(`${option} ${name}: use ${names.join(', ')}`);
  return new Set(given as Name[]);
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new Error(`${option} ${text}: give a whole number from 1 to 1000`);
  return value;
}
