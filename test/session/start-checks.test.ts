import { voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { afterEach, describe, expect, test } from 'vitest';
import {
  OptionError,
  SessionStateError,
  VideoSession,
  type VideoSessionOptions,
  type VideoStartOptions,
} from '../../src/index.ts';
import type { VideoErrorEvent } from '../../src/session/reporter.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { within } from '../../src/testing/waits.ts';

const videos: VideoSession[] = [];
const sessions: voice.AgentSession[] = [];
afterEach(async () => {
  await Promise.all(videos.splice(0).map((video) => video.close()));
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

const agent = () => new voice.Agent({ instructions: 'Say what you see.' });

function agentSession(): voice.AgentSession {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  sessions.push(session);
  return session;
}

function videoOf(session = agentSession(), options: Partial<VideoSessionOptions> = {}) {
  const video = new VideoSession(session, { room: new LoopbackRoom(), ...options });
  videos.push(video);
  return video;
}

const nextError = (video: VideoSession): Promise<VideoErrorEvent> =>
  within('error', new Promise((resolve) => video.on('error', resolve)));

const ALONE =
  'the AgentSession was started without its video, and the agent sees nothing: ' +
  'call video.start({ agent }) instead of session.start()';
const SERVED =
  'another VideoSession serves this AgentSession: use that one, ' +
  "with input.sources: ['camera', 'screen'] for both";

describe('a VideoSession', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [{ room: new LoopbackRoom() }, 'of type object'],
    [new RecordingLLM(), 'of class RecordingLLM'],
  ])(
    'a VideoSession without an AgentSession is refused with the right call: %#',
    (session, what) => {
      const make = () => new VideoSession(session as never, { room: new LoopbackRoom() });
      expect(make).toThrow(OptionError);
      expect(make).toThrow(
        `session is ${what}: pass the AgentSession: new VideoSession(session, { room })`,
      );
    },
  );

  test.each([
    [agent(), 'of class Agent'],
    [{}, 'undefined'],
    [undefined, 'undefined'],
    [{ agent: voice.Agent }, 'the function Agent'],
    [{ agent: { instructions: 'Hi' } }, 'of type object'],
  ])('start without an agent is refused with the right call: %#', async (options, what) => {
    const started = videoOf().start(options as VideoStartOptions);
    await expect(started).rejects.toThrow(OptionError);
    await expect(started).rejects.toThrow(
      `agent is ${what}: pass the agent as an option: start({ agent: new voice.Agent(...) })`,
    );
  });

  test('on refuses an unknown event type with the known ones', () => {
    const listen = () => videoOf().on('nope' as never, () => {});
    expect(listen).toThrow(OptionError);
    expect(listen).toThrow(/^type is "nope": use one of 'agent\.handedOff', .*'source\.switched'/);
  });

  test('on refuses a handler that is not a function', () => {
    const listen = () => videoOf().on('error', undefined as never);
    expect(listen).toThrow(OptionError);
    expect(listen).toThrow('handler is undefined: pass a function that gets the event');
  });

  test('start works after a wrong call of start', async () => {
    const video = videoOf();
    await expect(video.start({} as VideoStartOptions)).rejects.toThrow(OptionError);
    await video.start({ agent: agent() });
    expect(video.actor.getSnapshot().hasTag('ready')).toBe(true);
  });
});

describe('an AgentSession that is started by session.start()', () => {
  test.each([
    ['has ended', true],
    ['is under way', false],
  ])('video.start() fails with the remedy if session.start() %s', async (_, done) => {
    const session = agentSession();
    const video = videoOf(session);
    const starting = session.start({ agent: agent() });
    if (done) await starting;
    const started = video.start({ agent: agent() });
    await expect(started).rejects.toThrow(SessionStateError);
    await expect(started).rejects.toThrow(ALONE);
    await starting;
  });

  test('a forgotten video.start() is reported once', async () => {
    const session = agentSession();
    const video = videoOf(session);
    const errors: VideoErrorEvent[] = [];
    video.on('error', (error) => errors.push(error));
    const first = nextError(video);
    await session.start({ agent: agent() });
    expect(await first).toEqual({ type: 'error', cause: 'start', message: ALONE });
    await session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(errors).toHaveLength(1);
  });

  test('a VideoSession that is started or closed no longer watches for session.start()', async () => {
    const session = agentSession();
    const { AgentStateChanged } = voice.AgentSessionEventTypes;
    const before = session.listenerCount(AgentStateChanged);
    const [closed, started] = [videoOf(session), videoOf(session)];
    expect(session.listenerCount(AgentStateChanged)).toBe(before + 2);
    await closed.close();
    expect(session.listenerCount(AgentStateChanged)).toBe(before + 1);
    await started.start({ agent: agent() });
    await started.close();
    expect(session.listenerCount(AgentStateChanged)).toBe(before);
  });
});

describe('a second VideoSession of one AgentSession', () => {
  test('a second VideoSession of one AgentSession is refused at its start, with the remedy', async () => {
    const session = agentSession();
    const [first, second] = [videoOf(session), videoOf(session)];
    await first.start({ agent: agent() });
    const started = second.start({ agent: agent() });
    await expect(started).rejects.toThrow(SessionStateError);
    await expect(started).rejects.toThrow(SERVED);
  });

  test('a second VideoSession that is never started is reported', async () => {
    const session = agentSession();
    const [first, second] = [videoOf(session), videoOf(session)];
    const error = nextError(second);
    await first.start({ agent: agent() });
    expect((await error).message).toBe(SERVED);
  });

  test('a second VideoSession can start if the first one is closed before its start', async () => {
    const session = agentSession();
    const [first, second] = [videoOf(session), videoOf(session)];
    await first.close();
    await second.start({ agent: agent() });
    expect(second.actor.getSnapshot().hasTag('ready')).toBe(true);
  });
});

test('a room that is not connected outside a job is reported at once with the remedy', async () => {
  const video = videoOf(agentSession(), { room: new Room() });
  const error = nextError(video);
  const started = video.start({ agent: agent() });
  expect(await error).toEqual({
    type: 'error',
    cause: 'room',
    message:
      'the room is not connected, and this process has no job that connects it: ' +
      'call room.connect(url, token) before video.start()',
  });
  await video.close();
  await expect(started).rejects.toThrow(SessionStateError);
});
