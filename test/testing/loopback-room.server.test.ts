import {
  AudioSource,
  LocalAudioTrack,
  type Room,
  RpcError,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { Ears } from '../../src/testing/avatar/ears.ts';
import { stair, stairSteps } from '../../src/testing/avatar/stair.ts';
import { type AvatarPlace, TestAvatar } from '../../src/testing/avatar/test-avatar.ts';
import { AGENT, FACE, USER } from '../../src/testing/identities.ts';
import { until } from '../../src/testing/waits.ts';
import { AvatarStage, endStages } from '../support/avatar/stage.ts';
import {
  noteEvents,
  onLoopback,
  onServer,
  outcome,
  type Played,
  type Script,
  settled,
  untilPresent,
} from '../support/loopback-script.ts';
import { describeWithServer } from '../support/real-parts.ts';

const SLOW = 200_000;
const TOPIC = 'lk.audio_stream';

/** The local participant of a connected room. */
function own({ localParticipant }: Room) {
  if (!localParticipant) throw new Error('the room is not connected');
  return localParticipant;
}

const openTo = (room: Room, identity: string) =>
  own(room).streamBytes({
    name: 'AUDIO_1',
    topic: TOPIC,
    destinationIdentities: [identity],
    attributes: { sample_rate: '24000', num_channels: '1' },
  });

// rtc-node prints the exception of a handler on the console.
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
afterEach(() => void warn.mockClear());

/** Notes the result of each byte stream. The end of an aborted one varies on a server. */
function noteStreams({ note }: Played, room: Room, who: string, isBroken = false): void {
  room.registerByteStreamHandler(TOPIC, async (reader, { identity }) => {
    const { name, mimeType, topic, attributes = {} } = reader.info;
    const told = Object.entries(attributes).sort().join(' ');
    note(`${who} gets ${name} of ${identity}: ${mimeType} ${topic} ${told}`);
    try {
      for await (const chunk of reader) note(`${who} gets ${chunk.length} bytes`);
      note(isBroken ? `${who} gets no more` : `${who} gets the end`);
    } catch (error) {
      note(isBroken ? `${who} gets no more` : `${who} gets ${String(error)}`);
    }
  });
}

const tracks: Script = async (played) => {
  const { place, note } = played;
  noteEvents(played, place.agent, FACE);
  const face = await place.join(FACE, 'agent');
  const source = new AudioSource(24_000, 1, 200);
  const track = LocalAudioTrack.createAudioTrack('sound', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  const publication = await own(face).publishTrack(track, options);
  note(`published ${publication.sid === track.sid}`);
  await publication.waitForSubscription();
  await settled();
  const [seen] = place.agent.remoteParticipants.get(FACE)?.trackPublications.values() ?? [];
  note(`${seen?.sid === publication.sid} ${seen?.subscribed} ${seen?.source} ${seen?.kind}`);
  note(`its track has the sid: ${seen?.track?.sid === seen?.sid}`);
  await own(face).unpublishTrack(publication.sid ?? '');
  await settled();
  const again = LocalAudioTrack.createAudioTrack('sound again', source);
  await (await own(face).publishTrack(again, options)).waitForSubscription();
  await settled();
  await face.disconnect();
  await settled();
  await source.close();
};

const streams: Script = async (played) => {
  const { place, note } = played;
  const face = await place.join(FACE, 'agent');
  noteStreams(played, face, FACE);
  const writer = await openTo(place.agent, FACE);
  await writer.write(new Uint8Array(960));
  await writer.write(new Uint8Array(48_000));
  await writer.write(new Uint8Array(0));
  await writer.close();
  await settled();
  note(await outcome(writer.write(new Uint8Array(1))));
  note(await outcome(writer.close()));
  // A call to a participant who is not there, and one to a participant without a handler.
  for (const identity of ['nobody', AGENT]) {
    const lost = await openTo(identity === AGENT ? face : place.agent, identity);
    note(await outcome(lost.write(new Uint8Array(10)).then(() => lost.close())));
  }
  await settled();
};

const brokenStreams: Script = async (played) => {
  const { place, note } = played;
  const face = await place.join(FACE, 'agent');
  await untilPresent(place.agent, FACE);
  noteStreams(played, face, FACE, true);
  const writer = await openTo(place.agent, FACE);
  await writer.write(new Uint8Array(100));
  await settled();
  await face.disconnect();
  await settled();
  note('the receiver has left');
  note(await outcome(writer.write(new Uint8Array(100))));
  note(await outcome(writer.close()));
  const other = await place.join('other', 'agent');
  await untilPresent(place.agent, 'other');
  const cut = await openTo(place.agent, 'other');
  await cut.write(new Uint8Array(100));
  await place.agent.disconnect();
  await until('gone', () => !other.remoteParticipants.has(AGENT));
  note((await outcome(cut.write(new Uint8Array(1)))).slice(0, 11));
};

/**
 * The pieces of a stream may arrive before or after a later call; its header always arrives before.
 */
const cutOff: Script = async ({ place, note }) => {
  const face = await place.join(FACE, 'agent');
  const came: string[] = [];
  face.registerByteStreamHandler(TOPIC, (reader) => void came.push(reader.info.streamId));
  own(face).registerRpcMethod('lk.clear_buffer', async ({ payload }) => {
    note(`the head of the stream is there: ${came.includes(payload)}`);
    return 'ok';
  });
  for (let segment = 0; segment < 3; segment += 1) {
    const writer = await openTo(place.agent, FACE);
    const written = writer.write(new Uint8Array(30_000)).then(() => writer.close());
    const { streamId } = writer.info;
    const call = { destinationIdentity: FACE, method: 'lk.clear_buffer', payload: streamId };
    await Promise.all([written, own(place.agent).performRpc(call)]);
  }
};

const calls: Script = async ({ place, note }) => {
  const face = await place.join(FACE, 'agent');
  await untilPresent(place.agent, FACE);
  const call = (destinationIdentity: string, method: string, responseTimeout = 9000) =>
    outcome(
      own(place.agent).performRpc({ destinationIdentity, method, payload: 'x', responseTimeout }),
    );
  own(face).registerRpcMethod('echo', async ({ callerIdentity, payload, responseTimeout }) => {
    return `${callerIdentity} ${payload} ${responseTimeout}`;
  });
  own(face).registerRpcMethod('fails', () => Promise.reject(new Error('a secret')));
  own(face).registerRpcMethod('refuses', () => Promise.reject(new RpcError(42, 'no', 'data')));
  own(face).registerRpcMethod('hangs', () => new Promise(() => {}));
  note(await call(FACE, 'echo'));
  note(await call(FACE, 'echo', 7500));
  note(await call(FACE, 'fails'));
  note(await call(FACE, 'refuses'));
  note(await call(FACE, 'unknown'));
  note(await call(FACE, 'hangs', 600));
  own(face).unregisterRpcMethod('echo');
  note(await call(FACE, 'echo'));
  const [nobody, self] = await Promise.all([call('nobody', 'echo'), call(AGENT, 'echo')]);
  note(`nobody ${nobody}, self ${self}`);
  const left = call(FACE, 'hangs');
  await settled();
  await face.disconnect();
  note(`left ${await left}`);
  const away = await place.join('away', 'agent');
  own(away).registerRpcMethod('hangs', () => new Promise(() => {}));
  const caller = call('away', 'hangs');
  await settled();
  await place.agent.disconnect();
  note(`own ${await caller}`);
};

const sounds: Script = async ({ place, note }) => {
  const user = await place.join(USER, 'standard');
  const ears = new Ears(user);
  const source = new AudioSource(24_000, 1, 200);
  const track = LocalAudioTrack.createAudioTrack('voice', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  const publication = await own(place.agent).publishTrack(track, options);
  await publication.waitForSubscription();
  await until('subscribed', () =>
    [...(user.remoteParticipants.get(AGENT)?.trackPublications.values() ?? [])].some(
      ({ track: received }) => received,
    ),
  );
  const from = Date.now();
  for (const frame of stair(1200)) await source.captureFrame(frame);
  await source.waitForPlayout();
  await ears.quiet();
  note(`${ears.speakers(from)} ${ears.steps}`);
  // The voice ends during a word: only sound that is under way may be lost.
  const before = ears.steps.length;
  for (const frame of stair(800)) await source.captureFrame(frame);
  source.clearQueue();
  await own(place.agent).unpublishTrack(publication.sid ?? '');
  await ears.quiet();
  note(`begins ${ears.steps.slice(before, before + 2)}`);
  await ears.close();
  await source.close();
};

/**
 * An agent speaks through its avatar: what the user hears, and the events that the application
 * gets.
 */
async function conversation(stage: AvatarStage, avatar: () => TestAvatar): Promise<string[]> {
  const lines: string[] = [];
  await stage.start();
  const { ears, session } = stage;
  const hear = async (ms: number) => {
    const { length } = ears.steps;
    const speakers = await stage.voices(ms);
    lines.push(`${speakers}: ${ears.steps.slice(length)}`);
  };
  const inWord = async (ms: number) => {
    const { length } = ears.sounds;
    const speech = stage.say(ms);
    await until('heard', () => ears.sounds.length > length + 20);
    return { speech };
  };
  await hear(800);
  const long = await inWord(8000);
  long.speech.interrupt();
  await long.speech.waitForPlayout();
  await stage.quiet();
  lines.push(`cut off: ${ears.steps.length < stairSteps(8000).length}`);
  await hear(800);
  const from = Date.now();
  const left = await inWord(2400);
  await avatar().leave();
  await left.speech.waitForPlayout();
  await stage.untilTold('shown', 2);
  await stage.quiet();
  lines.push(`goes on: ${ears.speakers(from)} ${ears.steps.slice(-6)}`);
  await hear(800);
  stage.video.setAvatar(null);
  await stage.untilTold('dismissed');
  await until('it is gone', () => !stage.agentRoom.remoteParticipants.has(FACE));
  await hear(800);
  // An interruption may cut a text anywhere.
  lines.push(stage.told.join(), stage.words.map(({ text }) => text.split(' ').at(-1)).join(' '));
  lines.push(session.history.items.length.toString());
  return lines;
}

describeWithServer('a loopback room and a room of a server', (server) => {
  afterEach(endStages, SLOW);

  test(
    'a loopback room and a server let an agent speak through its avatar in the same way',
    async () => {
      let newest: TestAvatar | undefined;
      const avatar = (place: AvatarPlace) => () => {
        newest = new TestAvatar(place);
        return newest;
      };
      const played = () => newest ?? expect.fail('no avatar was asked for');
      const options = { avatar };
      const real = await conversation(await AvatarStage.set(server(), options), played);
      const loopback = await conversation(await AvatarStage.setOnLoopback(options), played);
      expect(loopback).toEqual(real);
      expect(real[0]).toBe(`${FACE}: ${stairSteps(800)}`);
    },
    SLOW,
  );

  test.each<[string, Script]>([
    ['have the same events of tracks, in the same order', tracks],
    ['carry byte streams in the same pieces', streams],
    ['break byte streams off in the same way', brokenStreams],
    ['keep a stream and the call after it in order', cutOff],
    ['answer calls in the same way', calls],
    ['let the user hear the same', sounds],
  ])(
    'a loopback room and a server %s',
    async (_, script) => {
      const real = await onServer(server(), script);
      expect(await onLoopback(script)).toEqual(real);
      expect(real).not.toEqual([]);
    },
    SLOW,
  );
});
