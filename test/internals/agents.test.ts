import { llm, voice } from '@livekit/agents';
import { type Room, TrackPublishOptions } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import {
  activeAgent,
  currentRealtimeSession,
  isStarted,
  linkedIdentity,
  publicationOf,
  streamSettingsOf,
} from '../../src/internals/agents.ts';
import { linkParticipant } from '../../src/internals/link-participant.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { untilEvent } from '../../src/testing/waits.ts';
import { nextItem } from '../support/loopback.ts';

/** What Sightline relies on in `@livekit/agents`, beyond its documentation. */

const sessions: voice.AgentSession[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function started(agent: voice.Agent): Promise<voice.AgentSession> {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  sessions.push(session);
  await session.start({ agent });
  return session;
}

const { ConversationItemAdded } = voice.AgentSessionEventTypes;
const instructions = 'Answer.';
type LlmNode = voice.Agent['llmNode'];

describe('the linked participant', () => {
  test('the linked participant is unknown to a session without a room', async () => {
    const session = await started(new voice.Agent({ instructions }));
    expect(session._roomIO).toBeUndefined();
    expect(linkedIdentity(session)).toBeUndefined();
  });

  test('a session without a room links no participant', () => {
    const session = new voice.AgentSession({ llm: new RecordingLLM() });
    expect(() => linkParticipant(session, 'ada')).toThrow('the agent session has no room');
  });

  test("the linked participant is the one of the session's room input and output", () => {
    const participant = { identity: 'ada' };
    const room = {
      remoteParticipants: new Map([['ada', participant]]),
      localParticipant: { identity: 'agent' },
    };
    const agentSession = new voice.AgentSession({ llm: new RecordingLLM() });
    const roomIO = new voice.RoomIO({ agentSession, room: room as unknown as Room });
    agentSession._roomIO = roomIO;
    expect(linkedIdentity(agentSession)).toBeNull();
    linkParticipant(agentSession, 'ada');
    expect(roomIO.isParticipantAvailable).toBe(true);
    expect(linkedIdentity(agentSession)).toBe('ada');
    roomIO.setParticipant(null);
    expect(linkedIdentity(agentSession)).toBeNull();
  });
});

test('the agent that has the floor is the one before, until a hand-off is done', async () => {
  const first = new voice.Agent({ instructions });
  const second = new voice.Agent({ instructions });
  const session = await started(first);
  session.updateAgent(second);
  expect(session.currentAgent).toBe(second);
  expect(activeAgent(session)).toBe(first);
  await untilEvent('hand-off', session, [ConversationItemAdded], () => {
    return activeAgent(session) === second;
  });
});

test('a session counts as started from the beginning of its start', async () => {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  sessions.push(session);
  expect(isStarted(session)).toBe(false);
  const starting = session.start({ agent: new voice.Agent({ instructions }) });
  expect(isStarted(session)).toBe(true);
  await starting;
  expect(isStarted(session)).toBe(true);
});

test('the realtime session is a member of the activity, and a pipeline has none', async () => {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  sessions.push(session);
  expect(currentRealtimeSession(session)).toBeUndefined();
  await session.start({ agent: new voice.Agent({ instructions }) });
  expect(currentRealtimeSession(session)).toBeUndefined();
  expect('realtimeLLMSession' in (session._activity ?? {})).toBe(true);
});

describe('llmNode', () => {
  test('llmNode is looked up on the agent for each request', async () => {
    const agent = new voice.Agent({ instructions });
    const session = await started(agent);
    const calls: string[] = [];
    const node =
      (name: string): LlmNode =>
      (...args) => {
        calls.push(name);
        return voice.Agent.default.llmNode(agent, ...args);
      };
    await session.run({ userInput: 'zero' }).wait();
    agent.llmNode = node('first');
    await session.run({ userInput: 'one' }).wait();
    agent.llmNode = node('second');
    await session.run({ userInput: 'two' }).wait();
    Reflect.deleteProperty(agent, 'llmNode');
    await session.run({ userInput: 'three' }).wait();
    expect(calls).toEqual(['first', 'second']);
  });

  test('llmNode is called with the user message before it is part of the conversation', async () => {
    const agent = new voice.Agent({ instructions });
    const session = await started(agent);
    const order: string[] = [];
    agent.llmNode = async (context, ...rest) => {
      const message = context.items.findLast((item) => item.type === 'message');
      const known = message && agent.chatCtx.getById(message.id) !== undefined;
      order.push(`asked, ${known ? 'known' : 'new'}`);
      return voice.Agent.default.llmNode(agent, context, ...rest);
    };
    session.on(ConversationItemAdded, ({ item }) => {
      if (item.type === 'message') order.push(item.role);
    });
    await session.run({ userInput: 'one' }).wait();
    expect(order).toEqual(['asked, new', 'user', 'assistant']);
  });

  test('llmNode can change its context without a change of the history', async () => {
    const agent = new voice.Agent({ instructions });
    const session = await started(agent);
    agent.llmNode = async (context, ...rest) => {
      context.items.length = 0;
      return voice.Agent.default.llmNode(agent, context, ...rest);
    };
    await session.run({ userInput: 'one' }).wait();
    const texts = session.history.items.flatMap((item) =>
      item.type === 'message' ? [item.textContent] : [],
    );
    expect(texts).toEqual(['one', 'Yes.']);
  });
});

describe('a hand-off', () => {
  test('a hand-off is reported when the new agent is the current one but not started yet', async () => {
    const order: string[] = [];
    class Second extends voice.Agent {
      override async onEnter(): Promise<void> {
        order.push('onEnter');
        await this.session.generateReply({ instructions: 'Say hello.' }).waitForPlayout();
      }
      override async llmNode(...args: Parameters<LlmNode>): ReturnType<LlmNode> {
        order.push('llmNode');
        return voice.Agent.default.llmNode(this, ...args);
      }
    }
    const session = await started(new voice.Agent({ instructions }));
    const second = new Second({ instructions });
    session.on(ConversationItemAdded, ({ item }) => {
      if (item.type !== 'agent_handoff') return;
      order.push('told');
      expect(session.currentAgent).toBe(second);
    });
    const greeting = nextItem(session, 'assistant');
    session.updateAgent(second);
    await greeting;
    expect(order).toEqual(['told', 'onEnter', 'llmNode']);
  });

  test('a hand-off to the first agent is reported too', async () => {
    const session = new voice.AgentSession({ llm: new RecordingLLM() });
    sessions.push(session);
    const told: unknown[] = [];
    session.on(ConversationItemAdded, ({ item }) => told.push(item.type));
    await session.start({ agent: new voice.Agent({ instructions }) });
    expect(told).toEqual(['agent_handoff']);
  });
});

describe('a conversation', () => {
  test('a conversation shares its messages with its copies, with the agent and with the session', async () => {
    const context = llm.ChatContext.empty();
    const message = context.addMessage({ role: 'user', content: 'zero' });
    expect(context.copy().items).toEqual([message]);
    expect(context.copy().items[0]).toBe(message);
    expect(context.copy().items).not.toBe(context.items);

    const agent = new voice.Agent({ instructions, chatCtx: context });
    expect(agent.chatCtx.getById(message.id)).toBe(message);
    const session = await started(agent);
    const added = nextItem(session, 'user');
    await session.run({ userInput: 'one' }).wait();
    const { id } = await added;
    expect(session.history.getById(id)).toBe(await added);
    expect(agent.chatCtx.getById(id)).toBe(await added);
  });

  test('a conversation of an agent is read with its messages, not with copies', async () => {
    const agent = new voice.Agent({ instructions });
    const session = await started(agent);
    await session.run({ userInput: 'one' }).wait();
    const message = [...agent.chatCtx.items].find(
      (item) => item.type === 'message' && item.role === 'user',
    );
    if (message?.type !== 'message') return expect.fail('there is none');
    message.content.push('more');
    expect(session.history.getById(message.id)).toMatchObject({ content: ['one', 'more'] });
  });
});

test('the turn that the voice detectors control is where the tests expect it', async () => {
  const session = await started(new voice.Agent({ instructions }));
  expect(session._activity?.onEndOfTurn).toBeTypeOf('function');
  expect(session._activity?.onPreemptiveGeneration).toBeTypeOf('function');
  const { preemptiveGeneration } = session.sessionOptions.turnHandling;
  expect(preemptiveGeneration.enabled).toBe(true);
});

/** A room in which nothing happens. */
const quietRoom = {
  isConnected: true,
  remoteParticipants: new Map(),
  localParticipant: { registerRpcMethod: () => {}, publishTrack: async () => ({ sid: 'TR_1' }) },
  on: () => {},
  off: () => {},
} as unknown as Room;

describe("the framework's output for an avatar", () => {
  const outputWith = (waitPlaybackStart?: boolean) =>
    new voice.DataStreamAudioOutput({
      ...{ room: quietRoom, destinationIdentity: 'face', sampleRate: 16_000 },
      ...(waitPlaybackStart === undefined ? {} : { waitPlaybackStart }),
    });

  test.each([true, false, undefined])(
    "the framework's output for an avatar has the avatar's identity (waitPlaybackStart: %s)",
    (waits) => {
      expect(streamSettingsOf(outputWith(waits))).toEqual({
        destinationIdentity: 'face',
        sampleRate: 16_000,
        waitPlaybackStart: waits === true,
      });
    },
  );

  test("another kind of output has no avatar's identity", () => {
    expect(streamSettingsOf(new voice.QueueAudioOutput())).toBeUndefined();
  });
});

test("the publication of the framework's own voice is at the expected path", async () => {
  const output = new voice.ParticipantAudioOutput(quietRoom, {
    ...{ sampleRate: 24_000, numChannels: 1, queueSizeMs: 100 },
    trackPublishOptions: new TrackPublishOptions(),
  });
  expect(publicationOf(output)).toBeUndefined();
  await output.start(AbortSignal.abort());
  expect(publicationOf(output)).toMatchObject({ sid: 'TR_1' });
  await output.close();
});
