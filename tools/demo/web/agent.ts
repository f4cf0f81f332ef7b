import '../../../src/testing/processes/quiet.ts';
import { defineAgent, type JobContext, voice } from '@livekit/agents';
import { OfflineVoice } from '../../../offline/offline-voice.ts';
import { OfflineReader } from '../../../offline/reader.ts';
import { createPointTool, LocalAvatar, VideoSession } from '../../../src/index.ts';
import { FaceHiding } from './face-hiding.ts';
import { AVATAR_VARIABLE } from './names.ts';
import { ShowToPage } from './show-page.ts';

const GREETING = 'Hello. Show me something with letters on it, and ask me what I see.';
const BLIND = 'I see nothing yet. Share your camera or your screen.';
const NOT_LOOKING = 'I am not looking. You switched my video off.';

/** The agent of the page: reads what its visitor shows, and lets the visitor switch its video. */
export default defineAgent({
  entry: async (ctx: JobContext) => {
    const reader = new OfflineReader({
      onRequest: (request): void => page.asked(request),
      withoutPicture: (): string => (isOff() ? NOT_LOOKING : BLIND),
    });
    const session = new voice.AgentSession({
      llm: reader,
      tts: new OfflineVoice(),
      vad: null,
      turnHandling: { turnDetection: null },
    });
    const video: VideoSession = new VideoSession(session, {
      room: ctx.room,
      control: 'participant',
      // A typed question can wait for its picture, even right after a share began.
      turn: { attachBudgetMs: 2000 },
      ...(process.env[AVATAR_VARIABLE] ? { avatar: new LocalAvatar({ name: 'Sightline' }) } : {}),
    });
    const isOff = (): boolean => video.actor.getSnapshot().context.mode === 'off';
    let visitor: string | undefined;
    const page = new ShowToPage({ video, room: ctx.room, visitor: () => visitor });
    const faces = new FaceHiding({ video, room: ctx.room, visitor: () => visitor });

    session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
    ctx.addShutdownCallback(async () => {
      page.close();
      await faces.close();
      await video.close();
      await reader.aclose();
    });
    reader.prewarm();
    await ctx.connect();
    visitor = (await ctx.waitForParticipant()).identity;
    await video.start({
      agent: new voice.Agent({
        instructions: 'Say what you see.',
        tools: [createPointTool(video)],
      }),
      inputOptions: { audioEnabled: false, participantIdentity: visitor },
    });
    faces.open();
    session.say(GREETING);
  },
});
