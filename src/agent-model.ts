import type { llm, voice } from '@livekit/agents';
import { SightlineError } from './errors.ts';
import type { VideoStartOptions } from './video-session.ts';

export type ModelChoice = 'reader' | 'google' | 'openai';

/** No model was chosen, or one whose plugin is missing. */
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
 * The model that the environment names. `SIGHTLINE_MODEL` (`reader`, `google`, `openai`) decides
 * where more than one is possible.
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

const isChoice = (value: string): value is ModelChoice => value in MODELS;

const MODELS: Record<
  ModelChoice,
  (env: NodeJS.ProcessEnv) => Promise<llm.LLM | llm.RealtimeModel>
> = {
  async reader() {
    // It lives with the demo: its text reader is not for production, and not in the package.
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

/** The plugins are optional: only who uses one has to install it. */
async function plugin<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new ModelChoiceError(
      `@livekit/agents-plugin-${name} could not be loaded (${String(error)}): npm install it.`,
    );
  }
}

/** The reader hears and says nothing: questions and answers are text. */
export function startOptions(kind: ModelChoice): {
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
