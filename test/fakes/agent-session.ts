import { initializeLogger, type llm, voice } from '@livekit/agents';
import type { WebSocket } from 'ws';
import type { JsonObject } from './json.ts';

// A model asks for the logger as soon as it is made.
initializeLogger({ pretty: false, level: 'silent' });

/** What of the Google plugin's session is not in its types. */
export interface GeminiSession {
  /** Undefined before `setupComplete`, while it resumes, and after `close()`. */
  activeSession?: {
    conn: { ws: WebSocket };
    sendRealtimeInput(input: JsonObject): void;
  };
  sessionShouldClose: { isSet: boolean };
  shouldBlockRealtimeInputForPendingTools(): boolean;
}

/** A session without a room and without a VAD. End it before the service that it speaks to. */
export async function startSession(
  model: llm.RealtimeModel,
  options: Partial<voice.AgentOptions<unknown>> = {},
): Promise<voice.AgentSession> {
  const session = new voice.AgentSession({
    llm: model,
    vad: null,
    turnHandling: { turnDetection: null },
  });
  await session.start({ agent: new voice.Agent({ instructions: 'You see.', ...options }) });
  return session;
}

/** The realtime session in use. A hand-off may bring another one. */
export function realtimeSession(session: voice.AgentSession): llm.RealtimeSession {
  const { realtimeLLMSession } = session.currentAgent.getActivityOrThrow();
  if (!realtimeLLMSession) throw new Error('the session has no realtime model');
  return realtimeLLMSession as llm.RealtimeSession;
}

export function geminiSession(session: voice.AgentSession): GeminiSession {
  return realtimeSession(session) as unknown as GeminiSession;
}

/** Roles and texts of what was said. */
export function saidIn(session: voice.AgentSession): string[] {
  return session.history.items.flatMap((item) =>
    item.type === 'message' ? [`${item.role}: ${item.textContent}`] : [],
  );
}

/** The next event of this name. */
export function nextEvent(session: voice.AgentSession, name: voice.AgentSessionEventTypes) {
  return new Promise<unknown>((resolve) => {
    session.once(name, resolve);
  });
}
