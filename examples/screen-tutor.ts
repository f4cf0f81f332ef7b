// Looks at a learner's screen when it changes, and gives a hint by itself. It drops the hint if the
// learner or the agent speaks: a late hint does not help. To answer a question it looks with a tool.
// Needs the keys of a LiveKit Cloud project.
// Run it: `npx tsx examples/screen-tutor.ts dev`. In an application of your own, import from 'sightline'.
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
import { createLookTool, VideoSession, VideoWatch } from '../src/index.ts';

interface Lesson {
  video: VideoSession;
  session: voice.AgentSession;
  /** The model that looks; the conversation may have another. */
  eyes: llm.LLM;
}

export function tutor({ video, session, eyes }: Lesson) {
  let taught = '';
  const watch = new VideoWatch(video, {
    onSceneChange: { threshold: 0.02, settleMs: 600 },
    decide: {
      llm: eyes,
      question: 'What is the heading on the screen? An empty text if there is none.',
      answer: z.object({ text: z.string() }),
      when: ({ text }) => text !== '' && text !== taught,
    },
    act: { reply: ({ text }) => `The screen now shows "${text}". Give one short hint about it.` },
    floor: 'drop',
    coolDownMs: 0,
    session,
  });
  watch.on('acted', ({ answer }) => {
    taught = answer.text;
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
    const video = new VideoSession(session, { room: ctx.room, input: { source: 'screen' } });
    tutor({ video, session, eyes: new inference.LLM({ model: 'openai/gpt-4.1-mini' }) });
    const instructions = 'You help a learner, in one short sentence at a time.';
    await video.start({ agent: new voice.Agent({ instructions, tools: [createLookTool(video)] }) });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
