// An avatar of LemonSlice. It joins before the agent's first word; if it does not, the agent uses its
// own voice. Needs LEMONSLICE_API_KEY and LEMONSLICE_AGENT_ID, and the keys of a LiveKit Cloud project.
// Run it: `npx tsx examples/lemonslice.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import {
  cli,
  defineAgent,
  inference,
  type JobContext,
  ServerOptions,
  voice,
} from '@livekit/agents';
import * as lemonslice from '@livekit/agents-plugin-lemonslice';
import { VideoSession } from '../src/index.ts';

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({
      stt: new inference.STT({ model: 'deepgram/nova-3' }),
      llm: new inference.LLM({ model: 'openai/gpt-4.1-mini' }),
      tts: new inference.TTS({ model: 'cartesia/sonic-3' }),
    });
    const video = new VideoSession(session, {
      room: ctx.room,
      avatar: new lemonslice.AvatarSession({
        agentId: process.env.LEMONSLICE_AGENT_ID ?? '',
        // In seconds. Its API has no call that ends a session, but it ends one that is silent for this long.
        idleTimeout: 60,
      }),
    });
    video.on('avatar.shown', () => console.log('the avatar speaks'));
    video.on('avatar.failed', ({ reason }) =>
      console.warn(`no avatar for now, the agent uses its own voice: ${reason}`),
    );
    video.on('avatar.lost', ({ reason }) =>
      console.warn(`the avatar is gone, the agent uses its own voice: ${reason}`),
    );
    await video.start({ agent: new voice.Agent({ instructions: 'You see, and are seen.' }) });
    session.generateReply({ instructions: 'Greet the user.' });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
