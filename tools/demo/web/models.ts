import { voice } from '@livekit/agents';
import { OfflineVoice } from '../../../offline/offline-voice.ts';
import { OfflineReader, type OfflineReaderOptions } from '../../../offline/reader.ts';
import { chooseModel } from '../../../src/agent.ts';

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

const GREETING = 'Hello. Show me something with letters on it, and ask me what I see.';
/** For a model of a provider, which speaks its own words. */
const GREET = 'Greet the user in one short sentence, and ask to be shown something.';

const NAMES = { google: 'Gemini Live', openai: 'OpenAI Realtime' };

/**
 * The model that the environment names, as for `npm start`; without a key, the offline reader.
 *
 * @param reader - Options of the offline reader.
 * @throws Error if the plugin of the model is not installed.
 */
export async function pageModel(
  env: NodeJS.ProcessEnv,
  reader: OfflineReaderOptions,
): Promise<PageModel> {
  const isNamed = env.SIGHTLINE_MODEL || env.GOOGLE_API_KEY || env.OPENAI_API_KEY;
  const { kind, create } = chooseModel(isNamed ? env : { ...env, SIGHTLINE_MODEL: 'reader' });
  if (kind === 'reader') return offlineModel(new OfflineReader(reader));
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

function offlineModel(reader: OfflineReader): PageModel {
  reader.prewarm();
  const session = new voice.AgentSession({
    llm: reader,
    tts: new OfflineVoice(),
    vad: null,
    turnHandling: { turnDetection: null },
  });
  return {
    name: 'Demo model: reads text',
    hears: false,
    session,
    greet: () => void session.say(GREETING),
    close: () => reader.aclose(),
  };
}
