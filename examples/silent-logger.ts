// Never speaks: writes a line of JSON for each text that appears, and when the camera is covered,
// frozen, blurred or clear again. Needs the keys of a LiveKit Cloud project.
// Run it: `npx tsx examples/silent-logger.ts dev`. In an application of your own, import from 'sightline'.
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

type Line = { at: string } & ({ text: string; source: string } | { visibility: string });

export function logTexts(video: VideoSession, eyes: llm.LLM, write: (line: Line) => void) {
  let last = '';
  const watch = new VideoWatch(video, {
    onSceneChange: true,
    decide: {
      llm: eyes,
      question: 'Which words can be read? An empty text if there are none.',
      answer: z.object({ text: z.string() }),
      when: ({ text }) => text !== '' && text !== last,
    },
    act: 'event',
    coolDownMs: 0,
  });
  watch.on('acted', ({ answer: { text }, frame: { receivedAt, source } }) => {
    last = text;
    write({ at: new Date(receivedAt).toISOString(), text, source });
  });
  watch.on('scene.changed', ({ visibility }) =>
    write({ at: new Date().toISOString(), visibility }),
  );
  watch.start();
  return watch;
}

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const eyes = new inference.LLM({ model: 'openai/gpt-4.1-mini' });
    // A session without a conversation: no speech in or out, and no chat.
    const session = new voice.AgentSession({
      llm: eyes,
      vad: null,
      turnHandling: { turnDetection: null },
    });
    const video = new VideoSession(session, { room: ctx.room });
    logTexts(video, eyes, (line) => console.log(JSON.stringify(line)));
    await video.start({
      agent: new voice.Agent({ instructions: '' }),
      inputOptions: { audioEnabled: false, textEnabled: false },
      outputOptions: { audioEnabled: false, transcriptionEnabled: false },
    });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
