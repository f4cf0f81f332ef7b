import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cli, defineAgent, type JobContext, type llm, ServerOptions, voice } from '@livekit/agents';
import { SightlineError } from './errors.ts';
import { checkServer, LiveKitServerError } from './server-check.ts';
import type { VideoStartOptions } from './session/parts.ts';
import { textOf } from './thrown.ts';
import { VideoSession } from './video-session.ts';

/** The worker of `npm start`: takes a job, watches the user's camera or screen, answers. */
export default defineAgent({
  entry: async (ctx: JobContext) => {
    const { kind, create } = chooseModel(process.env);
    const { sessionOptions, roomOptions } = startOptions(kind);
    const llm = await create();
    const session = new voice.AgentSession({ llm, ...sessionOptions });
    const video = new VideoSession(session, {
      room: ctx.room,
      // Gives a typed question time to wait for its picture, even right after a screen share began.
      turn: { attachBudgetMs: 1000 },
    });
    // The session ends with its user. Without this, the job would stay in an empty room.
    session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
    ctx.addShutdownCallback(async () => {
      await video.close();
      await ('aclose' in llm ? llm.aclose() : llm.close());
    });
    await video.start({
      agent: new voice.Agent({
        instructions: 'You see what the user shows you. Answer in one short sentence.',
      }),
      ...roomOptions,
    });
  },
});

type ModelChoice = 'reader' | 'google' | 'openai';

/** No model is chosen, or the chosen model's plugin is missing. */
class ModelChoiceError extends SightlineError {
  constructor(reason: string) {
    super(
      'model-choice',
      `${reason} Choose a model:\n` +
        '  GOOGLE_API_KEY=...       Gemini Live; GOOGLE_BASE_URL for another server\n' +
        '  OPENAI_API_KEY=...       OpenAI Realtime; OPENAI_BASE_URL for another server\n' +
        '  SIGHTLINE_MODEL=reader   the offline reader: reads text in the picture, needs no key',
    );
  }
}

/**
 * The model that the environment names. `SIGHTLINE_MODEL` (`reader`, `google`, `openai`) decides if
 * several are possible.
 *
 * @throws ModelChoiceError with the ways to choose one.
 */
export function chooseModel(env: NodeJS.ProcessEnv): {
  kind: ModelChoice;
  create(): Promise<llm.LLM | llm.RealtimeModel>;
} {
  const kind = choice(env);
  return { kind, create: () => MODELS[kind](env) };
}

function choice({ SIGHTLINE_MODEL, GOOGLE_API_KEY, OPENAI_API_KEY }: NodeJS.ProcessEnv) {
  if (SIGHTLINE_MODEL) {
    if (!isChoice(SIGHTLINE_MODEL))
      throw new ModelChoiceError(`SIGHTLINE_MODEL is "${SIGHTLINE_MODEL}", which is unknown.`);
    if (SIGHTLINE_MODEL === 'google' && !GOOGLE_API_KEY)
      throw new ModelChoiceError('SIGHTLINE_MODEL is "google", and GOOGLE_API_KEY is not set.');
    if (SIGHTLINE_MODEL === 'openai' && !OPENAI_API_KEY)
      throw new ModelChoiceError('SIGHTLINE_MODEL is "openai", and OPENAI_API_KEY is not set.');
    return SIGHTLINE_MODEL;
  }
  if (GOOGLE_API_KEY) return 'google';
  if (OPENAI_API_KEY) return 'openai';
  throw new ModelChoiceError('No model is chosen.');
}

const isChoice = (value: string): value is ModelChoice => Object.hasOwn(MODELS, value);

const MODELS: Record<
  ModelChoice,
  (env: NodeJS.ProcessEnv) => Promise<llm.LLM | llm.RealtimeModel>
> = {
  async reader() {
    // A stand-in for tests and demos; it is not in the package.
    const { OfflineReader } = await import('../offline/reader.ts');
    return new OfflineReader();
  },
  async google({ GOOGLE_BASE_URL }) {
    const { realtime } = await plugin('google', () => import('@livekit/agents-plugin-google'));
    return new realtime.RealtimeModel({
      ...(GOOGLE_BASE_URL ? { httpOptions: { baseUrl: GOOGLE_BASE_URL } } : {}),
    });
  },
  async openai({ OPENAI_BASE_URL }) {
    const { realtime } = await plugin('openai', () => import('@livekit/agents-plugin-openai'));
    return new realtime.RealtimeModel({
      ...(OPENAI_BASE_URL ? { baseURL: OPENAI_BASE_URL } : {}),
    });
  },
};

/** The plugins are optional dependencies: a user installs only the ones in use. */
async function plugin<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new ModelChoiceError(
      `@livekit/agents-plugin-${name} could not be loaded (${textOf(error)}): install it with npm.`,
    );
  }
}

/** The reader uses text only: it neither hears nor speaks. */
function startOptions(kind: ModelChoice): {
  sessionOptions: Partial<voice.AgentSessionOptions>;
  roomOptions: Pick<VideoStartOptions, 'inputOptions' | 'outputOptions'>;
} {
  if (kind !== 'reader') return { sessionOptions: {}, roomOptions: {} };
  return {
    sessionOptions: { vad: null, turnHandling: { turnDetection: null } },
    roomOptions: {
      inputOptions: { audioEnabled: false },
      outputOptions: { audioEnabled: false },
    },
  };
}

/** The framework's commands that connect to a server. */
const CONNECTING = ['start', 'dev', 'connect'];

/**
 * Checks the server that the framework's command line is about to use. If the server is not there or
 * refuses the key, the framework itself tries ten times, and prints a stack each time.
 *
 * @throws LiveKitServerError of one line, with the remedy.
 */
export async function checkServerOf(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      url: { type: 'string', default: env.LIVEKIT_URL || 'ws://localhost:7880' },
      'api-key': { type: 'string', default: env.LIVEKIT_API_KEY ?? '' },
      'api-secret': { type: 'string', default: env.LIVEKIT_API_SECRET ?? '' },
      'worker-token': { type: 'string', default: env.LIVEKIT_WORKER_TOKEN ?? '' },
    },
    // The framework checks the other options.
    strict: false,
    allowPositionals: true,
  });
  if (!positionals.some((command) => CONNECTING.includes(command))) return;
  const given = (name: keyof typeof values) => String(values[name]);
  const missing = [
    ...(given('api-key') ? [] : ['LIVEKIT_API_KEY']),
    ...(given('api-secret') ? [] : ['LIVEKIT_API_SECRET']),
  ];
  if (missing.length > 0)
    throw new LiveKitServerError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set: set the pair of the server at ${given('url')} ` +
        '(a server of `livekit-server --dev` has devkey and secret)',
    );
  // LiveKit Cloud admits a worker by its token as well.
  if (given('worker-token')) return;
  await checkServer(given('url'), given('api-key'), given('api-secret'));
}

/** How the framework runs the worker and its jobs. */
export const workerOptions = ({ WORKER_HOST }: NodeJS.ProcessEnv): ServerOptions =>
  new ServerOptions({
    agent: fileURLToPath(import.meta.url),
    // The framework's default is every address, and `/worker` shows the jobs to any caller.
    host: WORKER_HOST || '127.0.0.1',
    // The default, 10 s, is too short if many processes start at once.
    initializeProcessTimeout: 60_000,
    // The framework sends no shutdown to a process that is still starting; this limit ends it.
    shutdownProcessTimeout: 10_000,
  });

// The framework loads this file again in each job's process, which must not start a worker.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    // Checked first: a worker that cannot answer must not register.
    chooseModel(process.env);
    await checkServerOf(process.argv.slice(2), process.env);
    cli.runApp(workerOptions(process.env));
  } catch (error) {
    if (!(error instanceof SightlineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
