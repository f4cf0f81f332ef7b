import { AudioFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { AvatarStreamOutput } from '../../src/avatar/avatar-stream-output.ts';
import { AUDIO_STREAM_TOPIC } from '../../src/avatar/worker/avatar-protocol.ts';
import { FACE } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { within } from '../../src/testing/waits.ts';

test('an avatar gets the samples of a frame, and not those around them in its buffer', async () => {
  const agent = new LoopbackRoom({ speech: true });
  const avatar = await agent.joinAs(FACE);
  const heard = new Promise<Uint8Array[]>((resolve) => {
    avatar.asRoom().registerByteStreamHandler(AUDIO_STREAM_TOPIC, async (reader) => {
      resolve(await reader.readAll());
    });
  });
  const output = await AvatarStreamOutput.open({
    room: agent.asRoom(),
    destinationIdentity: FACE,
    waitPlaybackStart: false,
    clearTimeoutMs: 1000,
  });
  const samples = Int16Array.of(1, 2, 3, 4, 5, 6).subarray(2, 4);
  await output.captureFrame(new AudioFrame(samples, 24_000, 1, samples.length));
  output.flush();
  const bytes = Buffer.concat(await within('the speech', heard));
  expect([...new Int16Array(Uint8Array.from(bytes).buffer)]).toEqual([3, 4]);
  output.close();
  await Promise.all([avatar.disconnect(), agent.disconnect()]);
});
