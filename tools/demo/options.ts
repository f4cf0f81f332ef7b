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

const DEFAULT_TEXTS = ['ZEBRA 9035', 'QUARTZ 1187'];

export const USAGE = `npm run demo -- [options]
  --text "..."     what the scenes show, instead of the default; repeat it for the next scene
  --livekit        through a real LiveKit server: the one of LIVEKIT_URL, or one
                   that the demo starts if livekit-server is installed
  --avatar         with an avatar that speaks the answers; needs a real server
  --web            a page to try it: share your camera or screen, and ask; needs
                   a real server; with --avatar or without
  --port N         with --web: where the page is served, instead of any free port
  --watch          it watches a door by itself, and says each text that appears
  --verbose        show each transition of the machines
  --headless       no colours
  --json FILE      write the figures
  --record FILE    write every step of the machines, for npm run inspect -- FILE
  --inspect        show the run in the live inspector: the one of
                   npm run inspect, or its own
  --pixels         show it the pictures that the model gets as well
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
  if (web && (json || record))
    throw new Error('--web has no figures and no recording: leave out --json and --record');
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
