import { type JobContext, runWithJobContext, voice } from '@livekit/agents';
import { afterEach, expect, test } from 'vitest';
import { closeRemoteSession } from '../../src/internals/session-host.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

/** What Sightline relies on in `@livekit/agents` to close the session host. */

const sessions: voice.AgentSession[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

function newSession(): voice.AgentSession {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  sessions.push(session);
  return session;
}

const hostOf = (session: voice.AgentSession) =>
  (session as unknown as { sessionHost: voice.SessionHost | undefined }).sessionHost;
const transportOf = (host: voice.SessionHost | undefined) =>
  (host as unknown as { transport: voice.SessionTransport } | undefined)?.transport;

const inRoom = () =>
  new voice.SessionHost(
    new voice.RoomSessionTransport(new LoopbackRoom().asRoom(), {} as voice.RoomIO),
  );

test('the framework keeps its session host at sessionHost, and its transport in the host', () => {
  expect('sessionHost' in newSession()).toBe(true);
  expect(transportOf(inRoom())).toBeInstanceOf(voice.RoomSessionTransport);
});

test('a host with the transport of a room is replaced each time one is set', () => {
  const session = newSession();
  closeRemoteSession(session);
  for (const host of [inRoom(), inRoom()]) {
    Object.assign(session, { sessionHost: host });
    expect(hostOf(session)).toBeInstanceOf(voice.SessionHost);
    expect(transportOf(hostOf(session))).not.toBeInstanceOf(voice.RoomSessionTransport);
    Object.assign(session, { sessionHost: undefined });
    expect(hostOf(session)).toBeUndefined();
  }
});

test('the host of a simulation stays unchanged, because its user is a client of the host', () => {
  const session = newSession();
  const job = { simulationContext: () => ({}) } as unknown as JobContext;
  runWithJobContext(job, () => closeRemoteSession(session));
  const host = inRoom();
  Object.assign(session, { sessionHost: host });
  expect(hostOf(session)).toBe(host);
});

test("a console's host stays unchanged", () => {
  const session = newSession();
  closeRemoteSession(session);
  const console = new voice.SessionHost(new voice.TcpSessionTransport('127.0.0.1', 9));
  Object.assign(session, { sessionHost: console });
  expect(hostOf(session)).toBe(console);
});

test('a framework that keeps its host elsewhere is refused by name', () => {
  expect(() => closeRemoteSession({} as voice.AgentSession)).toThrow("remoteSession: 'framework'");
});
