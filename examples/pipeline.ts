// An STT-LLM-TTS pipeline that sees: each user turn has the newest frame. Its models are those of
// LiveKit Inference, which takes the keys of a LiveKit Cloud project.
// Run it: `npx tsx examples/pipeline.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import {
  cli,
  defineAgent,
  inference,
  type JobContext,
  ServerOptions,
  voice,
} from '@livekit/agents';
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
      turn: { inferenceWidth: 1024, inferenceHeight: 1024, keepPictures: 2 },
    });
    video.on('source.switched', ({ to }) => console.log(`now watching the ${to.source}`));
    await video.start({
      agent: new voice.Agent({ instructions: 'You are a helpful assistant that can see.' }),
    });
    session.generateReply({ instructions: 'Greet the user and ask to see something.' });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
