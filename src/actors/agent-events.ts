import { type llm, voice } from '@livekit/agents';
import { fromCallback } from 'xstate';
import type { SessionEvent } from '../machines/session.types.ts';
import type { TurnAttachment } from './turn-attachment.ts';

const { AgentSessionEventTypes } = voice;

/**
 * Turns the agent session's events into `user.*` and `agent.*`, and tells {@link TurnAttachment} of
 * each agent that gets the floor and each user message that is part of the conversation.
 */
export function agentEvents(session: voice.AgentSession, attachment: TurnAttachment) {
  return fromCallback<SessionEvent>(({ sendBack }) => {
    const send = (event: SessionEvent) => sendBack(event);

    const onUserState = ({ newState }: voice.UserStateChangedEvent) =>
      send({ type: newState === 'speaking' ? 'user.speaking' : 'user.silent' });

    const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
      if (item.type === 'agent_handoff') {
        // Emitted before the new agent's activity starts: in time for its first model request.
        const agent = session.currentAgent;
        attachment.patch(agent);
        send({ type: 'agent.handedOff', agentId: agent.id });
      } else if (item.type === 'message' && item.role === 'user') {
        attachment.committed(item, histories(session));
      }
    };

    const onClose = () => send({ type: 'agent.closed' });

    session.on(AgentSessionEventTypes.UserStateChanged, onUserState);
    session.on(AgentSessionEventTypes.ConversationItemAdded, onItem);
    session.on(AgentSessionEventTypes.Close, onClose);
    return () => {
      session.off(AgentSessionEventTypes.UserStateChanged, onUserState);
      session.off(AgentSessionEventTypes.ConversationItemAdded, onItem);
      session.off(AgentSessionEventTypes.Close, onClose);
    };
  });
}

/** The session's history and the agent's own context; they share their messages. */
function histories(session: voice.AgentSession): llm.ChatItem[][] {
  return [session.history.items, [...session.currentAgent.chatCtx.items]];
}
