import { voice } from '@livekit/agents';
import { VoiceDetector } from '../../../offline/hearing/voice-detector.ts';
import { OfflineVoice } from '../../../offline/offline-voice.ts';
import { OfflineReader, type OfflineReaderOptions } from '../../../offline/reader.ts';
import { chooseModel } from '../../../src/agent.ts';
import { SENSES_VARIABLE } from './names.ts';
import { openSenses, type Senses } from './senses.ts';

/** The model of the page's agent. */
export interface PageModel {
  /** For the visitor. */
  readonly name: string;
  /** Whether it understands speech. */
  readonly hears: boolean;
  readonly session: voice.AgentSession;
  greet(): void;
  close(): Promise<void>;
}

const GREETING = 'Hello. Show me something, and ask me what I see.';
const GREETING_OF_A_READER = 'Hello. Show me something with letters on it, and ask me what I see.';
/** For a model of a provider, which speaks its own words. */
const GREET = 'Greet the user in one short sentence, and ask to be shown something.';

const NAMES = { google: 'Gemini Live', openai: 'OpenAI Realtime' };

/**
 * The model that the environment names, as for `npm start`; without a key, the offline reader with
 * the senses that are installed.
 *
 * @param reader - Options of the offline reader.
 * @throws Error if the plugin of the model is not installed.
 */
export async function pageModel(
  env: NodeJS.ProcessEnv,
  reader: OfflineReaderOptions,
): Promise<PageModel> {
  const { kind, create } = choice(env);
  if (kind === 'reader') return offlineModel(reader, await openSenses(env[SENSES_VARIABLE] ?? ''));
  const model = await create();
  const session = new voice.AgentSession({ llm: model });
  return {
    name: `${NAMES[kind]}: ${model.model}`,
    hears: true,
    session,
    greet: () => void session.generateReply({ instructions: GREET }),
    close: async () => await ('aclose' in model ? model.aclose() : model.close()),
  };
}

/** Whether the page's agent is the offline one. */
export const isOffline = (env: NodeJS.ProcessEnv): boolean => choice(env).kind === 'reader';

function choice(env: NodeJS.ProcessEnv): ReturnType<typeof chooseModel> {
  const isNamed = env.SIGHTLINE_MODEL || env.GOOGLE_API_KEY || env.OPENAI_API_KEY;
  return chooseModel(isNamed ? env : { ...env, SIGHTLINE_MODEL: 'reader' });
}

function offlineModel(options: OfflineReaderOptions, { eyes, ears }: Senses): PageModel {
  const reader = new OfflineReader(eyes ? { ...options, eyes } : options);
  reader.prewarm();
  const session = new voice.AgentSession({
    llm: reader,
    tts: new OfflineVoice(),
    // Each pause ends a question: those of the demo model are short.
    ...(ears
      ? { stt: ears, vad: new VoiceDetector(), turnHandling: { turnDetection: 'vad' as const } }
      : { vad: null, turnHandling: { turnDetection: null } }),
  });
  return {
    name: `Demo model: ${eyes ? 'sees text, people and things' : 'reads text'}`,
    hears: ears !== undefined,
    session,
    greet: () => void session.say(eyes ? GREETING : GREETING_OF_A_READER),
    close: async () => {
      await Promise.all([ears?.close(), reader.aclose()]);
      // After the reader, which may be asking them.
      await eyes?.close();
    },
  };
}
