import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, type llm, ServerOptions, voice } from '@livekit/agents';
import { SightlineError } from './errors.ts';
import { VideoSession } from './video-session.ts';

/**
 * The worker of `npm start`: takes a job, watches the user's camera or screen, answers.
 * The model comes from the environment, see {@link createModel}.
 */
export default defineAgent({
  entry: async (ctx: JobContext) => {
    const model = await createModel(process.env);
    // The reader hears and says nothing: questions and answers are text.
    const session = new voice.AgentSession({
      llm: model,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    const video = new VideoSession(session, { room: ctx.room });
    // A session ends with its user; the job would stay in the room for nobody, and mute.
    session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
    ctx.addShutdownCallback(async () => {
      await video.close();
      await model.aclose();
    });
    await video.start({
      agent: new voice.Agent({
        instructions: 'You see what the user shows you. Answer in one short sentence.',
      }),
      inputOptions: { audioEnabled: false },
      outputOptions: { audioEnabled: false },
    });
  },
});

/** No model was chosen, or one that this version cannot drive. */
class ModelChoiceError extends SightlineError {
  constructor(reason: string) {
    super(
      'model-choice',
      `${reason} Choose a model:\n` +
        '  SIGHTLINE_MODEL=reader   the offline reader: reads text in the picture, needs no key\n' +
        '  GOOGLE_API_KEY=...       Gemini Live, once live video into realtime models is there\n' +
        '  OPENAI_API_KEY=...       OpenAI Realtime, likewise',
    );
  }
}

/** @throws ModelChoiceError with the ways to choose one. */
function checkModelChoice(env: NodeJS.ProcessEnv): void {
  if (env.SIGHTLINE_MODEL === 'reader') return;
  if (env.SIGHTLINE_MODEL)
    throw new ModelChoiceError(`SIGHTLINE_MODEL is "${env.SIGHTLINE_MODEL}", which is unknown.`);
  if (env.GOOGLE_API_KEY || env.OPENAI_API_KEY)
    throw new ModelChoiceError('This version does not drive realtime models yet.');
  throw new ModelChoiceError('No model is chosen.');
}

async function createModel(env: NodeJS.ProcessEnv): Promise<llm.LLM> {
  checkModelChoice(env);
  // It lives with the demo: its text reader is not for production, and not in the package.
  const { OfflineReader } = await import('../demo/reader.ts');
  return new OfflineReader();
}

// The framework loads this file again in each job's process, where nothing is to be started.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    checkModelChoice(process.env);
    cli.runApp(
      new ServerOptions({
        agent: fileURLToPath(import.meta.url),
        // The default, 10 s, is not enough where many processes start at once.
        initializeProcessTimeout: 60_000,
        // The framework forgets to tell a process that is just starting; it is ended after this.
        shutdownProcessTimeout: 10_000,
      }),
    );
  } catch (error) {
    if (!(error instanceof SightlineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
