import { voice } from '@livekit/agents';
import { fromCallback } from 'xstate';
import type { WatchEvent } from '../machines/watch.types.ts';

const { UserStateChanged, AgentStateChanged } = voice.AgentSessionEventTypes;

/**
 * How long both must be silent, in ms: a user may pause for breath, and an agent starts to think
 * only some time after the user's last word.
 */
const SILENCE_MS = 1000;

/** Reports who has the floor. An agent that is thinking is about to speak. */
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
