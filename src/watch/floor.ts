import { voice } from '@livekit/agents';
import { fromCallback } from 'xstate';
import type { WatchEvent } from '../machines/watch.types.ts';

const { UserStateChanged, AgentStateChanged } = voice.AgentSessionEventTypes;

/**
 * How long it has to be silent, in ms: a user who takes a breath goes on, and an agent begins to
 * think about its answer only some time after the user's last word.
 */
const SILENCE_MS = 1000;

/** Tells who has the floor. An agent that thinks is about to speak. */
export function floorEvents(session: voice.AgentSession | undefined) {
  return fromCallback<WatchEvent>(({ sendBack }) => {
    if (!session) return;
    let taken = false;
    let silence: NodeJS.Timeout | undefined;
    const look = () => {
      const now =
        session.userState === 'speaking' ||
        session.agentState === 'speaking' ||
        session.agentState === 'thinking';
      if (now === taken) return;
      taken = now;
      clearTimeout(silence);
      if (now) sendBack({ type: 'floor.taken' });
      else silence = setTimeout(() => sendBack({ type: 'floor.free' }), SILENCE_MS);
    };
    session.on(UserStateChanged, look);
    session.on(AgentStateChanged, look);
    look();
    return () => {
      clearTimeout(silence);
      session.off(UserStateChanged, look);
      session.off(AgentStateChanged, look);
    };
  });
}
