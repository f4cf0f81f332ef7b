// An avatar of Beyond Presence. Needs BEY_API_KEY; without BEY_AVATAR_ID it is the stock avatar. The
// plugin 1.4.2 requires @livekit/agents 1.4.2, but runs with 1.9:
// `npm install --legacy-peer-deps @livekit/agents-plugin-bey@1.4.2`.
// In an application of your own, import from 'sightline'.
import { defineAgent, type JobContext, voice } from '@livekit/agents';
import * as bey from '@livekit/agents-plugin-bey';
import * as google from '@livekit/agents-plugin-google';
import { VideoSession } from '../src/index.ts';

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({ llm: new google.realtime.RealtimeModel() });
    const video = new VideoSession(session, {
      room: ctx.room,
      avatar: new bey.AvatarSession({ avatarId: process.env.BEY_AVATAR_ID ?? null }),
      // If the avatar takes longer than this, the agent speaks the greeting in its own voice.
      avatarLimits: { startTimeoutMs: 8000, joinTimeoutMs: 10_000 },
    });
    video.on('avatar.givenUp', ({ reason }) =>
      console.warn(`no avatar, the agent uses its own voice: ${reason}`),
    );
    await video.start({ agent: new voice.Agent({ instructions: 'You see, and are seen.' }) });
  },
});
