// In an application of your own, import from 'sightline'.
import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { VideoSession, type VideoSessionOptions } from '../../src/index.ts';

/** The agent: it names what the user holds up. */
export class Assistant extends voice.Agent {
  constructor() {
    super({ instructions: 'Say in one sentence what the user shows you.' });
  }
}

/** Starts the agent in a room: the worker calls it with `ctx.room`, the test with a LoopbackRoom. */
export async function startAssistant(
  session: voice.AgentSession,
  room: Room,
  options: Omit<VideoSessionOptions, 'room'> = {},
): Promise<VideoSession> {
  const video = new VideoSession(session, { ...options, room });
  await video.start({ agent: new Assistant() });
  return video;
}
