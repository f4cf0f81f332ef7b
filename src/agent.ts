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
    const video = new VideoSession(session, {
      room: ctx.room,
      // A typed question can wait for its picture, also right after a share began.
      turn: { attachBudgetMs: 1000 },
    });
    // A session ends with its user; the job would stay in the room for nobody, and mute.
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

// The framework loads this file again in each job's process, where nothing is to be started.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    // Before a job is taken: a worker that cannot answer must not register.
    chooseModel(process.env);
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
