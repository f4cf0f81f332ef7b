// An avatar of Hedra, with its plugin 1.0.47. Hedra has ended its realtime avatars since: the constructor
// of the newest plugin, 1.7.1, throws. Because `avatar` is a function, the agent then uses its own voice
// and reports the reason. Needs GOOGLE_API_KEY, HEDRA_API_KEY and HEDRA_AVATAR_ID, and the plugin:
// `npm install --legacy-peer-deps @livekit/agents-plugin-hedra@1.0.47`.
// Run it: `npx tsx examples/hedra.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import * as hedra from '@livekit/agents-plugin-hedra';
import { VideoSession } from '../src/index.ts';

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({ llm: new google.realtime.RealtimeModel() });
    const video = new VideoSession(session, {
      room: ctx.room,
      avatar: () => new hedra.AvatarSession({ avatarId: process.env.HEDRA_AVATAR_ID ?? null }),
      avatarLimits: { maxAttempts: 2 },
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
