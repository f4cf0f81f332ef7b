import { llm } from '@livekit/agents';

/** The method that the base class of all realtime sessions calls in its constructor. */
const FIRST_CALL = '_mainTaskImpl';

/**
 * Makes a realtime session, and hands it over before the constructor of its plugin's class runs:
 * OpenAI's connects in there, by methods that have to be replaced before.
 *
 * `_mainTaskImpl`: the only call that a session in the making does before. Without it the session
 * is handed over when it is made: its first connection is then as the plugin has it.
 */
export function makeSession(
  make: () => llm.RealtimeSession,
  onBirth: (session: llm.RealtimeSession) => void,
): llm.RealtimeSession {
  const prototype = llm.RealtimeSession.prototype as unknown as Record<string, unknown>;
  const plain = prototype[FIRST_CALL];
  const born = new Set<object>();
  const give = (session: llm.RealtimeSession) => {
    if (!born.has(session)) onBirth(session);
    born.add(session);
  };
  if (typeof plain !== 'function') {
    const session = make();
    give(session);
    return session;
  }
  prototype[FIRST_CALL] = function (this: llm.RealtimeSession, ...args: unknown[]) {
    give(this);
    return plain.apply(this, args);
  };
  try {
    const session = make();
    // A model may hand out a session that it has.
    give(session);
    return session;
  } finally {
    prototype[FIRST_CALL] = plain;
  }
}
