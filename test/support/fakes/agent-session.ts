import { type llm, voice } from '@livekit/agents';
import type { WebSocket } from 'ws';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';

/** The part of the Google plugin's session that its types leave out. */
export interface GeminiSession {
  /** Undefined before `setupComplete`, while it resumes, and after `close()`. */
  activeSession?: {
    conn: { ws: WebSocket };
    sendRealtimeInput(input: JsonObject): void;
  };
  sessionShouldClose: { isSet: boolean };
  shouldBlockRealtimeInputForPendingTools(): boolean;
}

/** A session without a room and without VAD. `end` ends it. */
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
 * Ends a session, then its service. In the other order, OpenAI's plugin reconnects to the closed
 * service and throws an exception that cannot be caught.
 */
export async function end(
  session: voice.AgentSession,
  service: { close(): Promise<void> },
): Promise<void> {
  await session.close();
  await service.close();
}

/** The current realtime session. A hand-off may replace it. */
export function realtimeSession(session: voice.AgentSession): llm.RealtimeSession {
  const { realtimeLLMSession } = session.currentAgent.getActivityOrThrow();
  if (!realtimeLLMSession) throw new Error('the session has no realtime model');
  return realtimeLLMSession as llm.RealtimeSession;
}

export function geminiSession(session: voice.AgentSession): GeminiSession {
  return realtimeSession(session) as unknown as GeminiSession;
}

/** Roles and texts of the conversation. */
export function saidIn(session: voice.AgentSession): string[] {
  return session.history.items.flatMap((item) =>
    item.type === 'message' ? [`${item.role}: ${item.textContent}`] : [],
  );
}

/** Resolves when all these lines are in the conversation. */
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
