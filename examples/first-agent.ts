// The agent of the README. Needs GOOGLE_API_KEY.
// Run it: `npx tsx examples/first-agent.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { VideoSession } from '../src/index.ts';

export default defineAgent({
  entry: async (ctx: JobContext) => {
    // A realtime model, or a pipeline: { stt, llm, tts }.
    const session = new voice.AgentSession({ llm: new google.realtime.RealtimeModel() });
    const video = new VideoSession(session, { room: ctx.room });
    await video.start({
      agent: new voice.Agent({ instructions: 'You see what the user shows you.' }),
    });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
