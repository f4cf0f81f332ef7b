import { type llm, voice } from '@livekit/agents';
import type { WebSocket } from 'ws';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';

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

/** A session without a room and without a VAD, ended by `end`. */
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

/**
 * Ends a session, then the service that it speaks to. The other way round the plugin of OpenAI
 * connects again, to nobody, which it answers with an exception that no one can catch.
 */
export async function end(
  session: voice.AgentSession,
  service: { close(): Promise<void> },
): Promise<void> {
  await session.close();
  await service.close();
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

/** Resolves once all these lines were said. */
export async function untilSaid(session: voice.AgentSession, ...lines: string[]): Promise<void> {
  const isSaid = () => lines.every((line) => saidIn(session).includes(line));
  while (!isSaid()) {
    await nextEvent(session, voice.AgentSessionEventTypes.ConversationItemAdded);
  }
}

/** The next event of this name. */
export function nextEvent(session: voice.AgentSession, name: voice.AgentSessionEventTypes) {
  return new Promise<unknown>((resolve) => {
    session.once(name, resolve);
  });
}
