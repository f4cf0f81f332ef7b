import { voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { describe, expect, test } from 'vitest';
import { type AvatarSessionLike, startAvatar } from '../../src/avatar/avatar-session.ts';
import { AVATAR_LIMITS } from '../../src/defaults.ts';
import { OptionError, VideoSession } from '../../src/index.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

const session = () => new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
const room = new Room();
const output = new voice.QueueAudioOutput();

describe('an avatar that starts', () => {
  test('an avatar that starts passes its output to Sightline, and the session keeps its own', async () => {
    const agentSession = session();
    const own = new voice.QueueAudioOutput();
    agentSession.output.audio = own;
    const avatar: AvatarSessionLike = {
      async start(given: voice.AgentSession) {
        given.output.audio = output;
        // A plugin may read it again.
        expect(given.output.audio).toBe(output);
      },
    };
    expect(await startAvatar(avatar, agentSession, room)).toBe(output);
    expect(agentSession.output.audio).toBe(own);
  });

  test('an avatar that replaces the tail of the output passes it to Sightline', async () => {
    const agentSession = session();
    const own = new voice.QueueAudioOutput();
    agentSession.output.audio = own;
    type NewerOutput = { replaceAudioTail(tail: voice.AudioOutput): void };
    const avatar: AvatarSessionLike = {
      async start(given: voice.AgentSession) {
        (given.output as unknown as NewerOutput).replaceAudioTail(output);
      },
    };
    expect(await startAvatar(avatar, agentSession, room)).toBe(output);
    expect(agentSession.output.audio).toBe(own);
  });

  test('an avatar that starts gets a working session: private fields, events, its class', async () => {
    const agentSession = session();
    let heard = 0;
    const avatar: AvatarSessionLike = {
      async start(given: voice.AgentSession) {
        expect(given).toBeInstanceOf(voice.AgentSession);
        expect(given.agentState).toBe(agentSession.agentState);
        given.on(voice.AgentSessionEventTypes.AgentStateChanged, () => heard++);
        given.output.audio = output;
      },
    };
    await startAvatar(avatar, agentSession, room);
    agentSession.emit(voice.AgentSessionEventTypes.AgentStateChanged, {} as never);
    expect(heard).toBe(1);
  });

  test('an avatar that starts may set other parts of the output of the session', async () => {
    const agentSession = session();
    const transcription = {} as never;
    const avatar: AvatarSessionLike = {
      async start(given: voice.AgentSession) {
        given.output.audio = output;
        given.output.setTranscriptionEnabled(false);
        Object.assign(given.output, { sightlineTest: transcription });
      },
    };
    await startAvatar(avatar, agentSession, room);
    expect(agentSession.output.transcriptionEnabled).toBe(false);
    expect(Reflect.get(agentSession.output, 'sightlineTest')).toBe(transcription);
  });

  test('an avatar that sets no output fails with an error that says so', async () => {
    const avatar = { provider: 'acme', start: async () => {} };
    await expect(startAvatar(avatar, session(), room)).rejects.toThrow(
      'the avatar of acme started, but did not set session.output.audio',
    );
    await expect(startAvatar({ start: async () => {} }, session(), room)).rejects.toThrow(
      'the avatar of this provider started',
    );
  });
});

describe('the option', () => {
  const make = (avatar: unknown, inRoom: unknown = room) =>
    new VideoSession(session(), { room: inRoom, avatar } as never);

  test.each([[{}], ['hedra'], [0]])('the option avatar refuses %o', (value) => {
    expect(() => make(value)).toThrow(OptionError);
  });

  test('the option avatar can be null, and setAvatar sets one later and refuses other values', () => {
    const video = make(null);
    expect(() => video.setAvatar({} as never)).toThrow(OptionError);
    expect(() => video.setAvatar({ start: async () => {} })).not.toThrow();
  });

  test('setAvatar fails with a remedy if the option avatar was left out', () => {
    expect(() => make(undefined).setAvatar(null)).toThrow('created without the option avatar');
  });

  test.each(Object.keys(AVATAR_LIMITS).filter((name) => name.endsWith('Ms')))(
    'the limit %s refuses a value that is too large for a timer',
    (name) => {
      const avatarLimits = { [name]: 2 ** 31 };
      expect(() => new VideoSession(session(), { room, avatarLimits })).toThrow(OptionError);
    },
  );

  test('an avatar needs a real room', () => {
    const loopback = { isConnected: true, remoteParticipants: new Map(), on: () => {} };
    expect(() => make({ start: async () => {} }, loopback)).toThrow(
      'room is of type object: an avatar needs a real room of rtc-node, ctx.room',
    );
  });
});
