import { parseArgs } from 'node:util';

export interface InspectOptions {
  /** Recordings to show. */
  files: string[];
  /** `undefined`: the default port, or a free one if that is taken. */
  port: number | undefined;
  /** Whether agents may send the pictures that their models get. */
  pixels: boolean;
}

export const USAGE = `npx sightline inspect [FILE...] [options]
  FILE             a recording, made by createRecorder, to replay on the page
  --port NUMBER    the port, on 127.0.0.1 only; by default 4747, or a free one
  --pixels         agents may send the pictures that their models get
  --help           shows this help`;

/** @throws Error with a message for the user. */
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
