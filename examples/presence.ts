// Greets a person who comes, and says goodbye when the last one has left. It finds faces on this
// machine: no model sees the video, and the agent has no `llm`.
// Needs the keys of a LiveKit Cloud project, and the packages of `detector/face-detector.ts`.
// Run it: `npx tsx examples/presence.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import {
  cli,
  defineAgent,
  inference,
  type JobContext,
  ServerOptions,
  voice,
} from '@livekit/agents';
import { VideoSession, VideoWatch } from '../src/index.ts';
import { FaceDetector, type FindsFaces } from './detector/face-detector.ts';

interface Room {
  video: VideoSession;
  session: voice.AgentSession;
  detector: FindsFaces;
  everyMs?: number;
}

export function watchPresence({ video, session, detector, everyMs = 1000 }: Room) {
  let isPresent = false;
  const watch = new VideoWatch(video, {
    everyMs,
    decide: async (frame, { signal }) => {
      const isSeen = (await detector.find(frame, signal)).length > 0;
      return { act: isSeen !== isPresent, isSeen };
    },
    // A person who only turns away for a moment is still there.
    confirm: { looks: 3, everyMs },
    act: { say: ({ isSeen }) => (isSeen ? 'Hello.' : 'Goodbye.') },
    coolDownMs: 0,
    session,
  });
  watch.on('acted', ({ answer }) => {
    isPresent = answer.isSeen;
  });
  watch.start();
  return watch;
}

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const detector = await FaceDetector.open();
    ctx.addShutdownCallback(() => detector.close());
    const session = new voice.AgentSession({
      tts: new inference.TTS({ model: 'cartesia/sonic-3' }),
    });
    const video = new VideoSession(session, { room: ctx.room });
    watchPresence({ video, session, detector });
    await video.start({ agent: new voice.Agent({ instructions: 'You greet visitors.' }) });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
