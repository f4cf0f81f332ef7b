// Watches the door of a shop: if a visitor holds up a text for two seconds, it says a line, and then
// nothing for half a minute. Needs the keys of a LiveKit Cloud project.
// Run it: `npx tsx examples/shop-door.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import {
  cli,
  defineAgent,
  inference,
  type JobContext,
  type llm,
  ServerOptions,
  voice,
} from '@livekit/agents';
import { z } from 'zod';
import { VideoSession, VideoWatch } from '../src/index.ts';

interface Door {
  video: VideoSession;
  session: voice.AgentSession;
  /** The model that looks; the conversation may have another. */
  eyes: llm.LLM;
  coolDownMs?: number;
}

export function watchDoor({ video, session, eyes, coolDownMs = 30_000 }: Door) {
  const watch = new VideoWatch(video, {
    onSceneChange: true,
    decide: {
      llm: eyes,
      question: 'Which words does a visitor hold up? An empty text if there are none.',
      answer: z.object({ text: z.string() }),
      when: ({ text }) => text !== '',
    },
    confirm: { looks: 2, forMs: 2000 },
    act: { say: ({ text }) => `I can read "${text}". I am coming to the door.` },
    coolDownMs,
    session,
  });
  watch.start();
  return watch;
}

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({
      stt: new inference.STT({ model: 'deepgram/nova-3' }),
      llm: new inference.LLM({ model: 'openai/gpt-4.1-mini' }),
      tts: new inference.TTS({ model: 'cartesia/sonic-3' }),
    });
    const video = new VideoSession(session, { room: ctx.room });
    watchDoor({ video, session, eyes: new inference.LLM({ model: 'openai/gpt-4.1-mini' }) });
    await video.start({ agent: new voice.Agent({ instructions: 'You keep a small shop.' }) });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
