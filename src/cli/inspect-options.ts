import { parseArgs } from 'node:util';

export interface InspectOptions {
  /** Recordings to show. */
  files: string[];
  /** `undefined`: the usual one, or another if that is taken. */
  port: number | undefined;
  /** Whether agents may send the pictures that their models get. */
  pixels: boolean;
}

export const USAGE = `npx sightline inspect [FILE...] [options]
  FILE             a recording, made by createRecorder, to replay on the page
  --port NUMBER    where it listens, on 127.0.0.1 only; 4747 or any free one
  --pixels         agents may send the pictures that their models get
  --help           this text`;

/** @throws Error with a line for people. */
export function inspectOptions(args: string[]): InspectOptions | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      pixels: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535))
    throw new Error(`--port ${values.port}: use a number from 0 to 65535`);
  return { files: positionals, port, pixels: values.pixels };
}
