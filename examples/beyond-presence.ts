// An avatar of Beyond Presence. Needs GOOGLE_API_KEY and BEY_API_KEY; without BEY_AVATAR_ID it is the
// stock avatar. The plugin 1.4.2 requires @livekit/agents 1.4.2, but runs with 1.9:
// `npm install --legacy-peer-deps @livekit/agents-plugin-bey@1.4.2`.
// Run it: `npx tsx examples/beyond-presence.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
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

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
