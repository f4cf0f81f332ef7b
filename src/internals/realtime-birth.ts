import { llm } from '@livekit/agents';

/** The method that the base class of all realtime sessions calls in its constructor. */
const FIRST_CALL = '_mainTaskImpl';

/**
 * Creates a realtime session, and passes it to `give` before the constructor of its plugin's class
 * runs: OpenAI's connects there, with methods that must be replaced before.
 *
 * `_mainTaskImpl`: the only call of a session during construction before that. Without it, the
 * session is passed on after construction, and its first connection is the plugin's own.
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
    // A model may return an existing session.
    give(session);
    return session;
  } finally {
    prototype[FIRST_CALL] = plain;
  }
}
