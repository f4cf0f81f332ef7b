import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
import { chooseModel, startOptions } from './agent-model.ts';
import { SightlineError } from './errors.ts';
import { VideoSession } from './video-session.ts';

/** The worker of `npm start`: takes a job, watches the user's camera or screen, answers. */
export default defineAgent({
  entry: async (ctx: JobContext) => {
    const { kind, create } = chooseModel(process.env);
    const { sessionOptions, roomOptions } = startOptions(kind);
    const llm = await create();
    const session = new voice.AgentSession({ llm, ...sessionOptions });
    const video = new VideoSession(session, { room: ctx.room });
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

// The framework loads this file again in each job's process, where nothing is to be started.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    // Before a job is taken: a worker that cannot answer must not register.
    chooseModel(process.env);
    cli.runApp(new ServerOptions({ agent: fileURLToPath(import.meta.url) }));
  } catch (error) {
    if (!(error instanceof SightlineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
