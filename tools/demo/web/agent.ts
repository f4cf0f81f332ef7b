import '../../../src/testing/processes/quiet.ts';
import { defineAgent, type JobContext, voice } from '@livekit/agents';
import { createPointTool, LocalAvatar, VideoSession } from '../../../src/index.ts';
import { FaceHiding } from './face-hiding.ts';
import { pageModel } from './models.ts';
import { AVATAR_VARIABLE } from './names.ts';
import { ShowToPage } from './show-page.ts';

const BLIND = 'I see nothing yet. Share your camera or your screen.';
const NOT_LOOKING = 'I am not looking. You switched my video off.';

const INSTRUCTIONS =
  'You see what the user shows you. Answer in one or two short sentences. ' +
  'If no picture comes, the user shares nothing, or has switched your video off: say so.';

/** The avatar, the browser and the model share this machine, which may be busy. In ms. */
const AVATAR_START_MS = 60_000;
const AVATAR = {
  avatar: () => new LocalAvatar({ startTimeoutMs: AVATAR_START_MS }),
  avatarLimits: { startTimeoutMs: AVATAR_START_MS, joinTimeoutMs: AVATAR_START_MS },
};

/** The agent of the page: sees what its visitor shows, and lets the visitor switch its video. */
export default defineAgent({
  entry: async (ctx: JobContext) => {
    // At once: the framework waits for the connection, and the offline senses take seconds to open.
    const opening = pageModel(process.env, {
      onRequest: (request): void => page.asked(request),
      withoutPicture: (): string => (isOff() ? NOT_LOOKING : BLIND),
    });
    const [model] = await Promise.all([opening, ctx.connect()]);
    const { session } = model;
    const video: VideoSession = new VideoSession(session, {
      room: ctx.room,
      control: 'participant',
      // A typed question can wait for its picture, even right after a share began.
      turn: { attachBudgetMs: 2000 },
      ...(process.env[AVATAR_VARIABLE] ? AVATAR : {}),
    });
    const isOff = (): boolean => video.actor.getSnapshot().context.mode === 'off';
    let visitor: string | undefined;
    const page = new ShowToPage({ video, room: ctx.room, model, visitor: () => visitor });
    const faces = new FaceHiding({ video, room: ctx.room, visitor: () => visitor });

    session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
    ctx.addShutdownCallback(async () => {
      page.close();
      await faces.close();
      await video.close();
      await model.close();
    });
    visitor = (await ctx.waitForParticipant()).identity;
    await video.start({
      agent: new voice.Agent({
        instructions: INSTRUCTIONS,
        tools: [createPointTool(video)],
      }),
      inputOptions: { audioEnabled: model.hears, participantIdentity: visitor },
    });
    faces.open();
    model.greet();
  },
});
