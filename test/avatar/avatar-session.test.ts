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
  test('gives its output to us, and the session keeps its own', async () => {
    const agentSession = session();
    const own = new voice.QueueAudioOutput();
    agentSession.output.audio = own;
    const avatar: AvatarSessionLike = {
      async start(given: voice.AgentSession) {
        given.output.audio = output;
        // As a plugin may read it again.
        expect(given.output.audio).toBe(output);
      },
    };
    expect(await startAvatar(avatar, agentSession, room)).toBe(output);
    expect(agentSession.output.audio).toBe(own);
  });

  test('sees a session that works: private fields, events, its class', async () => {
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

  test('and makes no output is an error that says so', async () => {
    const avatar = { provider: 'acme', start: async () => {} };
    await expect(startAvatar(avatar, session(), room)).rejects.toThrow(
      'the avatar of acme started and set no session.output.audio',
    );
  });
});

describe('the option', () => {
  const make = (avatar: unknown, inRoom: unknown = room) =>
    new VideoSession(session(), { room: inRoom, avatar } as never);

  test.each([[{}], ['hedra'], [0]])('refuses %o', (value) => {
    expect(() => make(value)).toThrow(OptionError);
  });

  test('may be null: setAvatar brings one later, and refuses what is none', () => {
    const video = make(null);
    expect(() => video.setAvatar({} as never)).toThrow(OptionError);
    expect(() => video.setAvatar({ start: async () => {} })).not.toThrow();
  });

  test('that is left out leaves no place for a later one, which setAvatar says', () => {
    expect(() => make(undefined).setAvatar(null)).toThrow('give it the option avatar');
  });

  test.each(Object.keys(AVATAR_LIMITS).filter((name) => name.endsWith('Ms')))(
    'with the limit %s refuses one that no timer has',
    (name) => {
      const avatarLimits = { [name]: 2 ** 31 };
      expect(() => new VideoSession(session(), { room, avatarLimits })).toThrow(OptionError);
    },
  );

  test('needs a real room', () => {
    const loopback = { isConnected: true, remoteParticipants: new Map(), on: () => {} };
    expect(() => make({ start: async () => {} }, loopback)).toThrow(
      'room is of type object: an avatar needs a real room of rtc-node, ctx.room',
    );
  });
});
