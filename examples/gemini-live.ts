// A realtime model that sees: one frame a second while the user speaks, one in three seconds
// otherwise. Needs GOOGLE_API_KEY.
// Run it: `npx tsx examples/gemini-live.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { VideoSession, voiceActivitySampler } from '../src/index.ts';

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({ llm: new google.realtime.RealtimeModel() });
    const video = new VideoSession(session, {
      room: ctx.room,
      input: {
        source: 'latest',
        sampler: voiceActivitySampler({ speakingFps: 1, silentFps: 1 / 3 }),
        budget: { framesPerMinute: 40 },
      },
    });
    video.on('model.blind', ({ reason }) => console.warn(`the model cannot see: ${reason}`));
    await video.start({
      agent: new voice.Agent({ instructions: 'You see what the user shows you.' }),
    });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
