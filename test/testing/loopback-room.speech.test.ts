import {
  AudioSource,
  AudioStream,
  ConnectionState,
  DisconnectReason,
  LocalAudioTrack,
  type RemoteTrack,
  TrackPublishOptions,
  TrackSource,
  VideoStream,
} from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { Ears } from '../../src/testing/avatar/ears.ts';
import { stair, stairSteps } from '../../src/testing/avatar/stair.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { AGENT, FACE, USER } from '../../src/testing/identities.ts';
import { LATENCY } from '../../src/testing/loopback/latency.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until, untilEvent } from '../../src/testing/waits.ts';
import { client } from '../internals/rtc-parts.ts';

const TOPIC = 'lk.audio_stream';

const rooms: LoopbackRoom[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
});

/** The agent's room, and the room of another participant. */
async function roomWith(identity: string) {
  const agent = new LoopbackRoom({ speech: true });
  const other = await agent.joinAs(identity);
  rooms.push(agent, other);
  return { agent, other };
}

const untilPresent = (room: LoopbackRoom, identity: string) =>
  untilEvent(identity, room, ['participantConnected'], () => room.remoteParticipants.has(identity));

const untilGone = (room: LoopbackRoom, identity: string) =>
  untilEvent(`end of ${identity}`, room, ['participantDisconnected'], () => {
    return !room.remoteParticipants.has(identity);
  });

/** A published voice in this room. */
async function publishVoice(room: LoopbackRoom) {
  const source = new AudioSource(24_000, 1, 200);
  const track = LocalAudioTrack.createAudioTrack('voice', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  const publication = await room.localParticipant.publishTrack(track, options);
  const say = async (ms: number) => {
    for (const frame of stair(ms)) await source.captureFrame(frame);
    await source.waitForPlayout();
  };
  return { publication, say };
}

/** The bytes of each arriving stream, in order of arrival. */
function chunksIn(room: LoopbackRoom): { sizes: number[]; ends: string[] } {
  const got = { sizes: [] as number[], ends: [] as string[] };
  room.asRoom().registerByteStreamHandler(TOPIC, async (reader) => {
    try {
      for await (const chunk of reader) got.sizes.push(chunk.length);
      got.ends.push('end');
    } catch (error) {
      got.ends.push(String(error));
    }
  });
  return got;
}

const streamTo = (room: LoopbackRoom, identity: string) =>
  room.localParticipant.streamBytes({ topic: TOPIC, destinationIdentities: [identity] });

test('a participant with its own room object knows the others, who know it a moment later', async () => {
  const { agent, other } = await roomWith(USER);
  expect([...other.remoteParticipants.keys()]).toEqual([AGENT]);
  expect([...agent.remoteParticipants.keys()]).toEqual([]);
  await untilPresent(agent, USER);
  await other.disconnect();
  await untilGone(agent, USER);
});

test('a message can arrive before the report that its sender has joined', async () => {
  const { agent, other } = await roomWith(FACE);
  agent.localParticipant.registerRpcMethod('hello', async ({ callerIdentity }) => {
    return `${callerIdentity} is ${agent.remoteParticipants.has(callerIdentity) ? '' : 'not '}there`;
  });
  const call = { destinationIdentity: AGENT, method: 'hello', payload: '' };
  expect(await other.localParticipant.performRpc(call)).toBe('face is not there');
});

test('a second participant with the same identity removes the first', async () => {
  const { agent, other } = await roomWith(FACE);
  await untilPresent(agent, FACE);
  const reasons: DisconnectReason[] = [];
  other.on('disconnected', (reason) => reasons.push(reason));
  const seen: string[] = [];
  agent.on('participantDisconnected', () => seen.push('gone'));
  agent.on('participantConnected', () => seen.push('there'));
  rooms.push(await agent.joinAs(FACE));
  await until('both are seen', () => seen.length === 2);
  expect(seen).toEqual(['gone', 'there']);
  expect(reasons).toEqual([DisconnectReason.DUPLICATE_IDENTITY]);
  expect(other.connectionState).toBe(ConnectionState.CONN_DISCONNECTED);
});

test('a participant that another one removes learns why', async () => {
  const { agent, other } = await roomWith(USER);
  const reasons: DisconnectReason[] = [];
  other.on('disconnected', (reason) => reasons.push(reason));
  agent.leave(USER);
  await until('the end', () => reasons.length > 0);
  expect(reasons).toEqual([DisconnectReason.PARTICIPANT_REMOVED]);
});

test('a room reports when its own track is published, first subscribed, and unpublished', async () => {
  const { agent, other } = await roomWith(USER);
  const third = await agent.joinAs(FACE);
  rooms.push(third);
  const news: string[] = [];
  agent.on('localTrackPublished', ({ sid }) => news.push(`published ${sid}`));
  agent.on('localTrackSubscribed', ({ sid }) => news.push(`subscribed ${sid}`));
  agent.on('localTrackUnpublished', ({ sid }) => news.push(`unpublished ${sid}`));
  const { publication } = await publishVoice(agent);
  const { sid } = publication;
  for (const room of [other, third])
    await until(
      'the track',
      () => room.remoteParticipants.get(AGENT)?.trackPublications.has(sid) === true,
    );
  await publication.waitForSubscription();
  await agent.localParticipant.unpublishTrack(sid);
  expect(news).toEqual([`published ${sid}`, `subscribed ${sid}`, `unpublished ${sid}`]);
  expect(agent.localParticipant.trackPublications.size).toBe(0);
  expect(publication.track).toBeUndefined();
  await expect(agent.localParticipant.unpublishTrack(sid)).rejects.toThrow(`no track ${sid}`);
});

test('a picture arrives with its size and its rotation', async () => {
  const { agent, other } = await roomWith(USER);
  const camera = new TestCamera({ width: 64, height: 32, fps: 20 });
  camera.rotation = 90;
  await other.localParticipant.publishTrack(camera.track, { source: camera.source });
  const track = () => {
    const { trackPublications } = agent.remoteParticipants.get(USER) ?? {};
    return [...(trackPublications?.values() ?? [])][0]?.track;
  };
  await until('the track', () => track() !== undefined);
  const reader = new VideoStream(track() as RemoteTrack).getReader();
  let next = await reader.read();
  // The engine sends blank pictures before the first one.
  while (!next.done && next.value.frame.width < 64) next = await reader.read();
  expect(next.value).toMatchObject({ rotation: 1, frame: { width: 64, height: 32 } });
  await reader.cancel();
  await camera.close();
});

test('a message of data arrives as it was sent, with its sender and its topic', async () => {
  const { agent, other } = await roomWith(USER);
  await untilPresent(agent, USER);
  const got: unknown[] = [];
  agent.on('dataReceived', (payload, from, _kind, topic) =>
    got.push([[...payload], from?.identity, topic]),
  );
  const payload = new Uint8Array([1, 2, 3]);
  const sent = other.localParticipant.publishData(payload, { topic: 't' });
  payload.fill(9);
  await sent;
  await until('the message', () => got.length > 0);
  expect(got).toEqual([[[1, 2, 3], USER, 't']]);
});

test('byte streams arrive in pieces of at most 15000 bytes', async () => {
  const { agent, other } = await roomWith(FACE);
  const got = chunksIn(other);
  const writer = await streamTo(agent, FACE);
  await writer.write(new Uint8Array(960));
  await writer.write(new Uint8Array(48_000));
  await writer.close();
  await until('the end', () => got.ends.length > 0);
  expect(got).toEqual({ sizes: [960, 15_000, 15_000, 15_000, 3000], ends: ['end'] });
});

test('a call can overtake the last pieces of an earlier stream, but not its header', async () => {
  const { agent, other } = await roomWith(FACE);
  const seen: string[] = [];
  other.asRoom().registerByteStreamHandler(TOPIC, async (reader) => {
    seen.push('head');
    for await (const _ of reader) seen.push('piece');
    seen.push('end');
  });
  other.localParticipant.registerRpcMethod('clear', async () => {
    seen.push('call');
    return 'ok';
  });
  const writer = await streamTo(agent, FACE);
  const call = { destinationIdentity: FACE, method: 'clear', payload: '' };
  // In one tick, so that a busy machine cannot send the call too late to overtake.
  const writing = writer.write(new Uint8Array(10)).then(() => writer.close());
  await Promise.all([agent.localParticipant.performRpc(call), writing]);
  await until('the end', () => seen.includes('end'));
  expect(seen).toEqual(['head', 'call', 'piece', 'end']);
});

test('a stream continues after its receiver leaves, and has no end if its sender leaves', async () => {
  const { agent, other } = await roomWith(FACE);
  const got = chunksIn(other);
  const writer = await streamTo(agent, FACE);
  await writer.write(new Uint8Array(10));
  await until('a piece', () => got.sizes.length > 0);
  await agent.disconnect();
  await expect(writer.write(new Uint8Array(10))).rejects.toThrow('disconnected');
  expect(got.ends).toEqual([]);
  await other.disconnect();
  expect(got.ends).toEqual(['Error: Disconnected while receiving']);
});

test('text streams keep their characters whole', async () => {
  const { agent, other } = await roomWith(USER);
  let heard = '';
  other.asRoom().registerTextStreamHandler('lk.transcription', async (reader) => {
    heard = await reader.readAll();
  });
  const text = 'é'.repeat(20_000);
  await agent.localParticipant.sendText(text, { topic: 'lk.transcription' });
  await until('the text', () => heard !== '');
  expect(heard).toBe(text);
});

test('a topic has one handler', async () => {
  const { other } = await roomWith(USER);
  const room = other.asRoom();
  room.registerByteStreamHandler(TOPIC, () => {});
  expect(() => room.registerByteStreamHandler(TOPIC, () => {})).toThrow('already been set');
  room.unregisterByteStreamHandler(TOPIC);
  room.registerByteStreamHandler(TOPIC, () => {});
});

test('the user hears the agent with a delay', async () => {
  const { agent, other } = await roomWith(USER);
  const ears = new Ears(other.asRoom());
  const { publication, say } = await publishVoice(agent);
  await publication.waitForSubscription();
  const from = Date.now();
  await say(800);
  await ears.quiet();
  expect(ears.steps).toEqual(stairSteps(800));
  expect(ears.speakers()).toEqual([AGENT]);
  expect((ears.sounds[0]?.at ?? 0) - from).toBeGreaterThanOrEqual(LATENCY.soundMs);
  await ears.close();
});

test('each subscriber has its own track, whose streams end with its subscription', async () => {
  const { agent, other } = await roomWith(USER);
  const { publication } = await publishVoice(other);
  await publication.waitForSubscription();
  const received = () => agent.remoteParticipants.get(USER)?.trackPublications.values().next();
  await until('the track', () => received()?.value?.track !== undefined);
  const seen = received()?.value;
  expect(seen?.track).not.toBe(publication.track);
  expect(seen?.track?.sid).toBe(publication.sid);
  const reader = new AudioStream(seen?.track as RemoteTrack).getReader();
  expect((await reader.read()).done).toBe(false);
  await other.localParticipant.unpublishTrack(publication.sid);
  for (let next = await reader.read(); !next.done; ) next = await reader.read();
});

test('a track that is unpublished leaves no native stream', async () => {
  const { agent, other } = await roomWith(USER);
  const ears = new Ears(agent.asRoom());
  const streams = () => client().listenerCount('ffi_event');
  const before = streams();
  const { publication, say } = await publishVoice(other);
  await publication.waitForSubscription();
  await say(100);
  expect(streams()).toBeGreaterThan(before);
  await other.localParticipant.unpublishTrack(publication.sid);
  await until('the end of each stream', () => streams() <= before);
  await ears.close();
});

test('a killed participant sends and receives nothing, and the room reports its death late', async () => {
  const { agent, other } = await roomWith(USER);
  const ears = new Ears(agent.asRoom());
  const got = chunksIn(other);
  const { publication, say } = await publishVoice(other);
  await publication.waitForSubscription();
  const speaking = say(800);
  await until('sound', () => ears.sounds.length > 5);
  agent.kill(USER);
  await speaking;
  const writer = await streamTo(agent, USER);
  await writer.write(new Uint8Array(10));
  await ears.quiet();
  expect(agent.remoteParticipants.has(USER)).toBe(true);
  expect(ears.steps.length).toBeLessThan(stairSteps(800).length);
  expect(got.sizes).toEqual([]);
  agent.kill(USER, 0);
  await untilGone(agent, USER);
  await ears.close();
});

test('without the option `speech`, an agent session treats the room as one without audio', () => {
  expect('registerTextStreamHandler' in new LoopbackRoom()).toBe(false);
  expect('registerTextStreamHandler' in new LoopbackRoom({ speech: true })).toBe(true);
});
