import { parseArgs } from 'node:util';
import type { OwnInput } from './own-input.ts';

export interface DemoOptions {
  /** The user's own pictures and questions, instead of the show's. */
  own: OwnInput | undefined;
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
const OF_A_SHOW = [
  'text',
  'image',
  'video',
  'screen',
  'ask',
  'json',
  'record',
  'inspect',
  'pixels',
  'verbose',
] as const;

const DEFAULT_TEXTS = ['ZEBRA 9035', 'QUARTZ 1187'];

export const USAGE = `npm run demo -- [options]
  --text "..."     what the scenes show; repeat it for the next scene
  --image FILE     your photo as the camera, instead of the scenes
  --video FILE     your clip as the camera
  --screen FILE    your screenshot as the shared screen
  --ask "..."      your question about them; repeat it for more
  --livekit        through a LiveKit server: that of LIVEKIT_URL, one that
                   runs, or one that it starts: livekit-server, Docker or Go
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
      image: { type: 'string' },
      video: { type: 'string' },
      screen: { type: 'string' },
      ask: { type: 'string', multiple: true },
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
  const own = ownInput(values);
  if (own && watch) throw new Error('--watch has its own scenes: leave out your files');
  if (own && values.text)
    throw new Error('--text is for the scenes of the demo: leave it out, or your files');
  const livekit = values.livekit || avatar;
  const port = portOf(values.port);
  if (port !== undefined && !web) throw new Error('--port is the port of the page: add --web');
  if (pixels && !inspect) throw new Error('--pixels are for the inspector: add --inspect');
  const unused = OF_A_SHOW.filter((name) => values[name]).map((name) => `--${name}`);
  if (web && unused.length > 0)
    throw new Error(`--web is a page without a show: leave out ${unused.join(', ')}`);
  return {
    own,
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

const DEFAULT_ASK = 'What can you see?';

function ownInput({
  image,
  video,
  screen,
  ask,
}: {
  image?: string | undefined;
  video?: string | undefined;
  screen?: string | undefined;
  ask?: string[] | undefined;
}): OwnInput | undefined {
  const empty = ask?.find((question) => question.trim() === '');
  if (empty !== undefined) throw new Error(`--ask "${empty}": write a question`);
  const files = { image, video, screen };
  const given = Object.entries(files).filter(([, file]) => file !== undefined);
  if (given.length === 0) {
    if (ask) throw new Error('--ask needs a picture: add --image, --video or --screen');
    return undefined;
  }
  if (image !== undefined && video !== undefined)
    throw new Error(`--image ${image} and --video ${video} are both the camera: leave one out`);
  return { ...Object.fromEntries(given), asks: ask ?? [DEFAULT_ASK] };
}
