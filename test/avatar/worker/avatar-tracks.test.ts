import { afterEach, expect, test } from 'vitest';
import { AvatarTracks } from '../../../src/avatar/worker/avatar-tracks.ts';
import { FACE } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';

const FORMAT = { width: 64, height: 64, fps: 10, sampleRate: 24_000, channels: 1 };

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

test('the video of an avatar without a subscriber is published at the limit', async () => {
  const { published } = aloneAvatar();
  await tracks.publish(1);
  expect(published).toEqual(['avatar_audio', 'avatar_video']);
});
