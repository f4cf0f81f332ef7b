// Hides every face from the model, on this machine. A face that the detector misses is not hidden:
// the model sees it. Needs the keys of a LiveKit Cloud project, and the packages of
// `detector/face-detector.ts`.
// Run it: `npx tsx examples/faces.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import {
  cli,
  defineAgent,
  inference,
  type JobContext,
  ServerOptions,
  voice,
} from '@livekit/agents';
import { mask, type Region, type VideoProcessor, VideoSession } from '../src/index.ts';
import { FaceDetector, type FindsFaces } from './detector/face-detector.ts';

/** How far beyond a face its mask reaches, as a share of the face: to the hair, ears and chin. */
const MARGIN = 0.3;

/** A frame in which the search fails, or is late, is withheld. */
export function hideFaces(detector: FindsFaces): VideoProcessor {
  return mask(async (frame, { signal }) => (await detector.find(frame, signal)).map(grown));
}

const grown = ({ x, y, width, height }: Region): Region => ({
  x: x - MARGIN * width,
  y: y - MARGIN * height,
  width: (1 + 2 * MARGIN) * width,
  height: (1 + 2 * MARGIN) * height,
});

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const detector = await FaceDetector.open();
    ctx.addShutdownCallback(() => detector.close());
    const session = new voice.AgentSession({
      stt: new inference.STT({ model: 'deepgram/nova-3' }),
      llm: new inference.LLM({ model: 'openai/gpt-4.1-mini' }),
      tts: new inference.TTS({ model: 'cartesia/sonic-3' }),
    });
    const video = new VideoSession(session, {
      room: ctx.room,
      input: { processors: [hideFaces(detector)] },
      // A turn waits so long for its picture: the search takes 50 to 200 ms.
      turn: { attachBudgetMs: 500 },
    });
    await video.start({ agent: new voice.Agent({ instructions: 'Say what people do.' }) });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
