import { LocalAudioTrack, LocalVideoTrack, TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { AvatarTracks } from '../../../src/avatar/worker/avatar-tracks.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';

const FORMAT = { width: 64, height: 48, fps: 10, sampleRate: 24_000, channels: 1 };

let avatar: LoopbackRoom;
let tracks: AvatarTracks;
afterEach(async () => {
  await tracks.close();
  await avatar.disconnect();
});

/** An avatar alone in its room, and the names of the tracks that it publishes. */
function aloneAvatar() {
  avatar = new LoopbackRoom({ identity: FACE, speech: true });
  tracks = new AvatarTracks(avatar.asRoom(), FORMAT, 100);
  const published: string[] = [];
  const heard = new Promise<void>((resolve) => {
    avatar.on('localTrackPublished', ({ name }) => {
      published.push(name ?? '');
      resolve();
    });
  });
  return { published, heard };
}

test('the video of an avatar is published after a subscriber has its audio', async () => {
  const { published, heard } = aloneAvatar();
  const done = tracks.publish(2 ** 30);
  await heard;
  // Two answers of the room, of which a published track takes one.
  for (const attempt of ['1', '2']) await avatar.localParticipant.setAttributes({ attempt });
  expect(published).toEqual(['avatar_audio']);
  const user = await avatar.joinAs('user');
  await done;
  expect(published).toEqual(['avatar_audio', 'avatar_video']);
  await user.disconnect();
});

test('a close ends both tracks of an avatar, once', async () => {
  aloneAvatar();
  const ended = [LocalAudioTrack, LocalVideoTrack].map(({ prototype }) =>
    vi.spyOn(prototype, 'close'),
  );
  await tracks.publish(1);
  await tracks.close();
  await tracks.close();
  expect(ended.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  for (const spy of ended) spy.mockRestore();
});

test('the video of an avatar without a subscriber is published at the limit', async () => {
  const { published } = aloneAvatar();
  await tracks.publish(1);
  expect(published).toEqual(['avatar_audio', 'avatar_video']);
});

test('the tracks of an avatar have the options that keep sound and pictures together', async () => {
  aloneAvatar();
  const publish = vi.spyOn(avatar.localParticipant, 'publishTrack');
  await tracks.publish(1);
  expect(publish.mock.calls.map(([, options]) => options)).toMatchObject([
    { source: TrackSource.SOURCE_MICROPHONE, dtx: false },
    {
      ...{ source: TrackSource.SOURCE_CAMERA, simulcast: false },
      videoEncoding: { maxBitrate: 700_000n, maxFramerate: 10 },
    },
  ]);
});

test('the sources of an avatar have its format, and sound waits in a short queue', () => {
  aloneAvatar();
  expect(tracks.video).toMatchObject({ width: 64, height: 48 });
  expect(tracks.audio).toMatchObject({ sampleRate: 24_000, numChannels: 1, queueSize: 100 });
});

test('an avatar that is closed publishes nothing, and its error says so', async () => {
  const { published } = aloneAvatar();
  await tracks.close();
  await expect(tracks.publish(1)).rejects.toMatchObject({ code: 'avatar-closed' });
  expect(published).toEqual([]);
});

test('an avatar that is closed while it waits for a subscriber publishes no video', async () => {
  const { published, heard } = aloneAvatar();
  const failed = expect(tracks.publish(30)).rejects.toMatchObject({ code: 'avatar-closed' });
  await heard;
  await tracks.close();
  await failed;
  expect(published).toEqual(['avatar_audio']);
});

test('a close after the room was left requests nothing from the room', async () => {
  aloneAvatar();
  await tracks.publish(1);
  const unpublish = vi.spyOn(avatar.localParticipant, 'unpublishTrack');
  await avatar.disconnect();
  await tracks.close();
  expect(unpublish).not.toHaveBeenCalled();
});

test('a close unpublishes the tracks of an avatar and ends their sources, once', async () => {
  aloneAvatar();
  await tracks.publish(1);
  const ends = [tracks.audio, tracks.video].map((source) => vi.spyOn(source, 'close'));
  const unpublish = vi.spyOn(avatar.localParticipant, 'unpublishTrack');
  await tracks.close();
  await tracks.close();
  expect(avatar.localParticipant.trackPublications.size).toBe(0);
  expect(unpublish).toHaveBeenCalledTimes(2);
  for (const end of ends) expect(end).toHaveBeenCalledOnce();
});

test('a track that cannot be unpublished does not keep the others open', async () => {
  aloneAvatar();
  await tracks.publish(1);
  const ends = [tracks.audio, tracks.video].map((source) => vi.spyOn(source, 'close'));
  vi.spyOn(avatar.localParticipant, 'unpublishTrack').mockRejectedValue(new Error('timed out'));
  await tracks.close();
  for (const end of ends) expect(end).toHaveBeenCalledOnce();
});
