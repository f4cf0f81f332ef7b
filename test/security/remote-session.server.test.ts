import { voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { VideoSession, type VideoSessionOptions } from '../../src/index.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until, within } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';

/** The framework's topic of remote sessions. */
const TOPIC = 'lk.agent.session';
const INSTRUCTIONS = 'The safe is behind the painting.';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/**
 * Sends requests to an agent like the framework's `RemoteSession`, whether or not it is linked.
 */
function remoteSession(room: Room): voice.RemoteSession {
  const roomIO = { linkedParticipant: { identity: 'agent' } } as unknown as voice.RoomIO;
  const remote = voice.RemoteSession.fromRoom(room, roomIO);
  closing.push(() => remote.close());
  return remote;
}

describeWithServer('a remote session', (server) => {
  const join = async (name: string, identity: string) => {
    const kind = identity === 'agent' ? 'agent' : 'standard';
    const room = await joinRoom(server(), name, identity, { kind });
    closing.push(() => room.disconnect());
    return room;
  };

  async function agentIn(name: string, options: Omit<VideoSessionOptions, 'room'> = {}) {
    const room = await join(name, 'agent');
    const model = new RecordingLLM();
    const session = new voice.AgentSession({ llm: model, vad: null });
    const video = new VideoSession(session, { room, ...options });
    closing.push(() => video.close());
    await video.start({
      agent: new voice.Agent({ instructions: INSTRUCTIONS }),
      inputOptions: { audioEnabled: false, closeOnDisconnect: false, participantIdentity: 'user' },
      outputOptions: { audioEnabled: false },
    });
    return { session, model };
  }

  test("a remote session can read an agent's instructions and prompt it if the option allows it", async () => {
    const name = uniqueRoomName('remote-framework');
    const user = await join(name, 'user');
    const { model } = await agentIn(name, { remoteSession: 'framework' });
    const remote = remoteSession(user);
    await remote.start();
    const info = await within('agent info', remote.fetchAgentInfo());
    expect(JSON.stringify(info)).toContain(INSTRUCTIONS);
    await within('answer', remote.sendMessage('Who is there?'));
    expect(model.requests.length).toBeGreaterThan(0);
  });

  test('a remote session gets nothing from an agent by default: no answer, no event, no turn', async () => {
    const name = uniqueRoomName('remote-closed');
    const user = await join(name, 'user');
    const stranger = await join(name, 'stranger');
    const heard: string[] = [];
    for (const room of [user, stranger])
      room.registerByteStreamHandler(TOPIC, (reader) => {
        heard.push(reader.info.topic);
      });
    const { session, model } = await agentIn(name);
    await until('a linked user', () => session._roomIO?.linkedParticipant !== undefined);
    const ask = (room: Room) => {
      // No answer arrives; the test checks the agent's side.
      remoteSession(room)
        .sendMessage('Who is there?')
        .catch(() => {});
    };
    ask(user);
    ask(stranger);
    // A turn of the agent causes events: the user's text, the answer and the states.
    await session.run({ userInput: 'one' }).wait();
    await user.disconnect();
    await until('nobody linked', () => session._roomIO?.linkedParticipant === undefined);
    ask(stranger);
    await session.run({ userInput: 'two' }).wait();
    const sent = await marker(session, stranger);
    expect(sent).toBe('marker');
    expect(heard).toEqual([]);
    expect(model.requests).toHaveLength(2);
  });

  /** The last message of the agent arrives last, after everything before it. */
  async function marker(session: voice.AgentSession, receiver: Room): Promise<string> {
    const topic = 'test.marker';
    const arrived = new Promise<string>((resolve) => {
      receiver.registerByteStreamHandler(topic, () => resolve('marker'));
    });
    const writer = await session._roomIO?.rtcRoom.localParticipant?.streamBytes({ topic });
    await writer?.close();
    return within('the marker', arrived);
  }
});
