import { voice } from '@livekit/agents';
import { fromCallback } from 'xstate';
import type { WatchEvent } from '../machines/watch.types.ts';

const { UserStateChanged, AgentStateChanged } = voice.AgentSessionEventTypes;

/** Tells who has the floor. An agent that thinks is about to speak. */
export function floorEvents(session: voice.AgentSession | undefined) {
  return fromCallback<WatchEvent>(({ sendBack }) => {
    if (!session) return;
    let taken = false;
    const look = () => {
      const now =
        session.userState === 'speaking' ||
        session.agentState === 'speaking' ||
        session.agentState === 'thinking';
      if (now !== taken) sendBack({ type: now ? 'floor.taken' : 'floor.free' });
      taken = now;
    };
    session.on(UserStateChanged, look);
    session.on(AgentStateChanged, look);
    look();
    return () => {
      session.off(UserStateChanged, look);
      session.off(AgentStateChanged, look);
    };
  });
}
