import { type llm, voice } from '@livekit/agents';
import { fromCallback } from 'xstate';
import { activeAgent } from '../internals/agents.ts';
import type { SessionEvent } from '../machines/session.types.ts';
import type { ModelSupport } from '../models/model-support.ts';
import type { VideoParticipant, VideoRoom } from './video-room.ts';

const { AgentSessionEventTypes } = voice;

export interface AgentEventsDeps {
  session: voice.AgentSession;
  room: VideoRoom;
  /** Identity of the participant that the agent serves now. */
  linkedIdentity(): string | null;
  /**
   * Another agent became active. Called before its activity starts, in time for its first request.
   */
  onAgent(agent: voice.Agent): void;
  /** How the model of this agent gets pictures. */
  modelOf(agent: voice.Agent): ModelSupport;
  /** A user message became part of the conversation, in all of these lists. */
  onUserMessage(message: llm.ChatMessage, histories: llm.ChatItem[][]): void;
  /** The agent session ended because its model failed. */
  onError(error: unknown): void;
}

/**
 * Turns the agent session's events into `user.*` and `agent.*`.
 *
 * The user counts as speaking if the session or the room reports it: a realtime model with its own
 * turn detection reports late.
 */
export function agentEvents(deps: AgentEventsDeps) {
  const { session, room } = deps;
  return fromCallback<SessionEvent>(({ sendBack }) => {
    const send = (event: SessionEvent) => sendBack(event);

    const voices = { session: false, room: false };
    let isSpeaking = false;
    const speaks = (where: keyof typeof voices, speaking: boolean) => {
      voices[where] = speaking;
      const now = voices.session || voices.room;
      if (now === isSpeaking) return;
      isSpeaking = now;
      send({ type: now ? 'user.speaking' : 'user.silent' });
    };
    const onUserState = ({ newState }: voice.UserStateChangedEvent) =>
      speaks('session', newState === 'speaking');
    const onSpeakers = (speakers: readonly VideoParticipant[]) =>
      speaks(
        'room',
        speakers.some(({ identity }) => identity === deps.linkedIdentity()),
      );

    const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
      if (item.type === 'agent_handoff') {
        const agent = activeAgent(session);
        deps.onAgent(agent);
        send({ type: 'agent.handedOff', agentId: agent.id });
        // The first agent's model is known from the start.
        if (item.oldAgentId === undefined) return;
        const { kind, reason } = deps.modelOf(agent);
        send({ type: 'agent.modelChanged', model: kind, reason });
      } else if (item.type === 'message' && item.role === 'user') {
        deps.onUserMessage(item, histories(session));
      }
    };

    const onClose = ({ reason, error }: voice.CloseEvent) => {
      if (reason === voice.CloseReason.ERROR) deps.onError(failure(error));
      send({ type: 'agent.closed' });
    };

    // Without a listener, an error event throws inside the plugin, which then does not reconnect.
    const onError = () => {};

    session.on(AgentSessionEventTypes.Error, onError);
    session.on(AgentSessionEventTypes.UserStateChanged, onUserState);
    session.on(AgentSessionEventTypes.ConversationItemAdded, onItem);
    session.on(AgentSessionEventTypes.Close, onClose);
    room.on('activeSpeakersChanged', onSpeakers);
    return () => {
      session.off(AgentSessionEventTypes.Error, onError);
      session.off(AgentSessionEventTypes.UserStateChanged, onUserState);
      session.off(AgentSessionEventTypes.ConversationItemAdded, onItem);
      session.off(AgentSessionEventTypes.Close, onClose);
      room.off('activeSpeakersChanged', onSpeakers);
    };
  });
}

/** Why the agent session ended, in the plugin's words if there are any. */
function failure(error: voice.CloseEvent['error']): Error {
  const cause: unknown = error && 'error' in error ? error.error : error;
  return cause instanceof Error ? cause : new Error('the agent session failed: see its log');
}

/** The session's history and the agent's own context, which share their messages. */
function histories(session: voice.AgentSession): llm.ChatItem[][] {
  return [session.history.items, [...activeAgent(session).chatCtx.items]];
}
