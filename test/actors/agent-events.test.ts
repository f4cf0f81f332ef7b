import { EventEmitter } from 'node:events';
import { llm, voice } from '@livekit/agents';
import { afterEach, expect, test } from 'vitest';
import { type Actor, type AnyStateMachine, createActor, setup } from 'xstate';
import { agentEvents } from '../../src/actors/agent-events.ts';
import type { VideoRoom } from '../../src/actors/video-room.ts';

const { AgentSessionEventTypes, CloseReason } = voice;

/** What happened: events for the machine, and calls of the callbacks. */
let news: unknown[] = [];
let actor: Actor<AnyStateMachine> | undefined;

afterEach(() => {
  actor?.stop();
  news = [];
});

/** A session and a room that emit what the test says, and the actor that listens to them. */
function stage() {
  const first = new voice.Agent({ instructions: 'You see.', id: 'first' });
  const history = llm.ChatContext.empty();
  const session = Object.assign(new EventEmitter(), {
    history,
    currentAgent: first as voice.Agent,
  });
  const room = Object.assign(new EventEmitter(), { linked: 'ada' });
  const machine = setup({
    actors: {
      events: agentEvents({
        session: session as unknown as voice.AgentSession,
        room: room as unknown as VideoRoom,
        linkedIdentity: () => room.linked,
        onAgent: (agent) => news.push({ follows: agent.id }),
        modelOf: (agent) => ({ kind: 'none', reason: `the model of ${agent.id}` }),
        onUserMessage: (message, histories) =>
          news.push({ message: message.id, in: histories.map((items) => items.length) }),
        onError: (error) => news.push({ error: String(error) }),
      }),
    },
    actions: { note: ({ event }) => news.push(event) },
  }).createMachine({ invoke: { src: 'events' }, on: { '*': { actions: 'note' } } });
  actor = createActor(machine).start();
  return { session, room, first, history };
}

const speakers = (...identities: string[]) => identities.map((identity) => ({ identity }));

test('the user speaks as long as the session or the room reports it', () => {
  const { session, room } = stage();
  const state = (newState: string) =>
    session.emit(AgentSessionEventTypes.UserStateChanged, { newState });
  room.emit('activeSpeakersChanged', speakers('bob'));
  expect(news).toEqual([]);
  room.emit('activeSpeakersChanged', speakers('bob', 'ada'));
  state('speaking');
  room.emit('activeSpeakersChanged', speakers('bob'));
  expect(news).toEqual([{ type: 'user.speaking' }]);
  state('listening');
  state('away');
  expect(news).toEqual([{ type: 'user.speaking' }, { type: 'user.silent' }]);
  state('speaking');
  expect(news.slice(2)).toEqual([{ type: 'user.speaking' }]);
});

test('the voice of the participant that the agent serves now counts', () => {
  const { room } = stage();
  room.linked = 'bob';
  room.emit('activeSpeakersChanged', speakers('ada'));
  expect(news).toEqual([]);
  room.emit('activeSpeakersChanged', speakers('bob'));
  expect(news).toEqual([{ type: 'user.speaking' }]);
});

test('a hand-off is followed first, and then reported with the model of the new agent', () => {
  const { session } = stage();
  const handOff = (oldAgentId: string | undefined) =>
    session.emit(AgentSessionEventTypes.ConversationItemAdded, {
      item: { type: 'agent_handoff', oldAgentId, newAgentId: 'x' },
    });
  handOff(undefined);
  // The model of the first agent is known.
  expect(news.splice(0)).toEqual([
    { follows: 'first' },
    { type: 'agent.handedOff', agentId: 'first' },
  ]);
  session.currentAgent = new voice.Agent({ instructions: 'You see.', id: 'second' });
  handOff('first');
  expect(news).toEqual([
    { follows: 'second' },
    { type: 'agent.handedOff', agentId: 'second' },
    { type: 'agent.modelChanged', model: 'none', reason: 'the model of second' },
  ]);
});

test("a user's message is reported with the session's history and the agent's own", () => {
  const { session, history } = stage();
  const added = (item: unknown) =>
    session.emit(AgentSessionEventTypes.ConversationItemAdded, { item });
  added(history.addMessage({ role: 'assistant', content: 'Hello.' }));
  added({ type: 'function_call' });
  expect(news).toEqual([]);
  const said = history.addMessage({ role: 'user', content: 'What is this?' });
  added(said);
  expect(news).toEqual([{ message: said.id, in: [2, 0] }]);
});

test.each([
  ['the error of its model', { error: new Error('no quota') }, 'Error: no quota'],
  ['an error of its own', new Error('no key'), 'Error: no key'],
  ['no error', null, 'Error: the agent session failed: see its log'],
])('a session that ends by a failure with %s is reported before its end', (_, error, said) => {
  const { session } = stage();
  session.emit(AgentSessionEventTypes.Close, { reason: CloseReason.ERROR, error });
  expect(news).toEqual([{ error: said }, { type: 'agent.closed' }]);
});

test('a session that ends for another reason reports no error', () => {
  const { session } = stage();
  session.emit(AgentSessionEventTypes.Close, { reason: CloseReason.USER_INITIATED, error: null });
  expect(news).toEqual([{ type: 'agent.closed' }]);
});

test('an error event of the session does not throw while the session is followed', () => {
  const { session, room } = stage();
  // Without a listener, Node.js throws this event.
  session.emit('error', { error: new Error('connection lost') });
  expect(news).toEqual([]);
  actor?.stop();
  expect([session.eventNames(), room.eventNames()]).toEqual([[], []]);
});
