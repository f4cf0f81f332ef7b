import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** No colours. */
  headless: boolean;
  /** The file for the figures. */
  json: string | undefined;
  /** The texts of the scenes, in order. */
  texts: string[];
  /** Through a real LiveKit server instead of within this process. */
  livekit: boolean;
  /** Whether the agent speaks through an avatar. */
  avatar: boolean;
  /** Whether the agent watches a door by itself, instead of a conversation. */
  watch: boolean;
  /** A page for the user to try, instead of the show. */
  web: boolean;
  /** The page's port on loopback. */
  port: number | undefined;
  /** The file for a recording of the run. */
  record: string | undefined;
  /** Whether a live inspector shows the run. */
  inspect: boolean;
  /** Whether the inspector also shows the pictures. */
  pixels: boolean;
  /** Whether each transition of a machine is printed. */
  verbose: boolean;
}

/** Options that the page has no use for. */
const OF_A_SHOW = ['text', 'json', 'record', 'inspect', 'pixels', 'verbose'] as const;

const DEFAULT_TEXTS = ['ZEBRA 9035', 'QUARTZ 1187'];

export const USAGE = `npm run demo -- [options]
  --text "..."     what the scenes show; repeat it for the next scene
  --livekit        through a LiveKit server: the one of LIVEKIT_URL, one that runs,
                   or one that the demo starts: livekit-server, Docker or Go
  --avatar         with an avatar that speaks the answers; needs a server, as
                   --livekit does
  --web            a page on which you share your camera or screen, and ask;
                   needs a server too; with --avatar or without
  --port N         with --web: port of the page, instead of any free one
  --watch          it watches a door by itself, and says each text that appears
  --verbose        show each transition of the machines
  --headless       no colours
  --json FILE      write the figures
  --record FILE    write every step of the machines, for npm run inspect -- FILE
  --inspect        show the run in the live inspector: the one of
                   npm run inspect, or its own
  --pixels         with --inspect: show it the pictures that the model gets too
  --help           this text`;

/** @throws Error with a readable message. */
export function demoOptions(args: string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      headless: { type: 'boolean', default: false },
      json: { type: 'string' },
      text: { type: 'string', multiple: true },
      livekit: { type: 'boolean', default: false },
      avatar: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      record: { type: 'string' },
      inspect: { type: 'boolean', default: false },
      pixels: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const texts = values.text ?? DEFAULT_TEXTS;
  for (const text of texts)
    if (!/^[A-Za-z0-9 .:-]{1,24}$/.test(text) || !/[A-Za-z0-9]/.test(text))
      throw new Error(`--text "${text}": use 1 to 24 letters, digits, blanks and - . :`);
  const { headless, json, avatar, watch, web, record, inspect, pixels, verbose } = values;
  if (watch && (avatar || web))
    throw new Error('--watch runs without an avatar or a page: leave out --avatar and --web');
  const livekit = values.livekit || avatar;
  const port = portOf(values.port);
  if (port !== undefined && !web) throw new Error('--port is the port of the page: add --web');
  if (pixels && !inspect) throw new Error('--pixels are for the inspector: add --inspect');
  const unused = OF_A_SHOW.filter((name) => values[name]).map((name) => `--${name}`);
  if (web && unused.length > 0)
    throw new Error(`--web is a page without a show: leave out ${unused.join(', ')}`);
  return {
    ...{ headless, json, texts, livekit, avatar, watch, web, port, record, inspect, pixels },
    verbose,
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`--port "${text}": give a port from 1 to 65535`);
}
