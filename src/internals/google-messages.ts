import type { ClientEvent, GoogleSession } from './google-session.ts';

/** Sends only what the service and `@google/genai` accept. */
export function sendAccepted(session: GoogleSession): void {
  const send = session.sendClientEvent.bind(session);
  session.sendClientEvent = (event) => {
    const current = withoutLostCalls(event, session.pendingToolCallIds);
    if (current) send(withoutEmptyTurns(current));
  };
}

/**
 * Plugin 1.9.0 requests a reply from Gemini 3.1 and 3.8 with an empty list of turns, for which
 * @google/genai throws, so the typed turn is never answered. A fixed plugin sends no such request.
 */
function withoutEmptyTurns(event: ClientEvent): ClientEvent {
  if (event.type !== 'content' || event.value?.turns?.length !== 0) return event;
  return { ...event, value: { ...event.value, turns: undefined } };
}

/**
 * The service knows only the calls of its own connection, and ends one that gets the result of
 * another call: a tool may end after its connection was lost.
 */
function withoutLostCalls(
  event: ClientEvent,
  pending: ReadonlySet<string> | undefined,
): ClientEvent | undefined {
  const responses = event.value?.functionResponses;
  if (!responses || !pending) return event;
  const functionResponses = responses.filter(({ id }) => id === undefined || pending.has(id));
  // The plugin keeps notes about each object, so an unchanged list stays the same.
  if (functionResponses.length === responses.length) return event;
  if (functionResponses.length === 0) return undefined;
  return { ...event, value: { ...event.value, functionResponses } };
}
