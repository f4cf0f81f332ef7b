import { voice } from '@livekit/agents';
import { vi } from 'vitest';
import type { AvatarOption } from '../../../src/avatar/avatar-session.ts';
import type { AvatarLimits } from '../../../src/session/options.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { AvatarStage } from '../avatar/stage.ts';

/** Length of the greeting, in ms. */
export const GREETING_MS = 800;

/** A stage whose agent greets as soon as it runs. */
export async function greetingStage(
  server: LiveKitServer,
  { avatar, avatarLimits = {}, onGreet = () => {} }: GreetingOptions,
) {
  // Environment variables of the worker, which plugins read.
  vi.stubEnv('LIVEKIT_URL', server.url);
  vi.stubEnv('LIVEKIT_API_KEY', server.apiKey);
  vi.stubEnv('LIVEKIT_API_SECRET', server.apiSecret);
  const stage = await AvatarStage.set(server, {
    // A machine that runs tests is busy, so a late avatar does not count as silent.
    avatarLimits: { finishSlackMs: 15_000, ...avatarLimits },
    avatar: () => avatar,
  });
  let greeting: voice.SpeechHandle | undefined;
  class Greeter extends voice.Agent {
    override async onEnter() {
      onGreet();
      greeting = stage.say(GREETING_MS);
    }
  }
  /** Starts the agent, and returns who was heard in its greeting. */
  const greet = async () => {
    await stage.video.start({
      agent: new Greeter({ instructions: 'Greet.' }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false },
      outputOptions: { transcriptionEnabled: false },
    });
    await greeting?.waitForPlayout();
    await stage.quiet();
    return [...new Set(stage.ears.sounds.map(({ from }) => from))];
  };
  return Object.assign(stage, { greet });
}

interface GreetingOptions {
  avatar: AvatarOption;
  avatarLimits?: AvatarLimits;
  onGreet?(): void;
}
