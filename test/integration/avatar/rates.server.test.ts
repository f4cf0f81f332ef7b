import { AudioFrame, type Room } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { AvatarStreamOutput } from '../../../src/avatar/avatar-stream-output.ts';
import { StableAudioOutput } from '../../../src/avatar/stable-audio-output.ts';
import { DataStreamAudioReceiver } from '../../../src/avatar/worker/data-stream-audio-receiver.ts';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { joinRoom, uniqueRoomName } from '../../../src/testing/rooms.ts';
import { Collector } from '../../support/avatar/collect.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const rooms: Room[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
});

/** Loud up to the last sample, in frames that share one buffer; the last one is shorter. */
function speech(sampleRate: number, ms: number): AudioFrame[] {
  const total = Math.round((sampleRate * ms) / 1000);
  const all = Int16Array.from({ length: total }, (_, at) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * 440 * at) / sampleRate)),
  );
  const size = sampleRate / 50;
  return Array.from({ length: Math.ceil(total / size) }, (_, frame) => {
    const data = all.subarray(frame * size, (frame + 1) * size);
    return new AudioFrame(data, sampleRate, 1, data.length);
  });
}

describeWithServer('the speech of an agent at 24 kHz', (server) => {
  test.each([8000, 16_000, 22_050, 24_000, 44_100, 48_000])(
    'speech reaches an avatar of %i Hz to the last sample of each segment',
    async (sampleRate) => {
      const name = uniqueRoomName('rates');
      const agent = await joinRoom(server(), name, AGENT, { kind: 'agent' });
      const avatar = await joinRoom(server(), name, FACE, { kind: 'agent' });
      rooms.push(agent, avatar);
      const receiver = new DataStreamAudioReceiver(avatar, { senderIdentity: AGENT });
      await receiver.start();
      const collector = new Collector(receiver);
      const output = await AvatarStreamOutput.open({
        ...{ room: agent, destinationIdentity: FACE, sampleRate, clearTimeoutMs: 1000 },
        waitPlaybackStart: true,
      });
      const audio = new StableAudioOutput({
        ...{ finishSlackMs: 10, clearTimeoutMs: 500, playbackStartTimeoutMs: 60_000 },
        sampleRate: 24_000,
        onUnconfirmed: () => {},
        onFault: () => {},
      });
      audio.swapNow({
        ...{ kind: 'avatar', output, reportsStart: true, reportsEnd: true },
        clear: () => {
          output.clearBuffer();
          return output.cleared;
        },
        close: () => output.close(),
      });
      const lengths = [630, 777];
      for (const [index, ms] of lengths.entries()) {
        for (const frame of speech(24_000, ms)) await audio.captureFrame(frame);
        audio.flush();
        await collector.untilSegments(index + 1);
        receiver.notifyPlaybackStarted();
        receiver.notifyPlaybackFinished({ playbackPosition: ms / 1000, interrupted: false });
        await audio.waitForPlayout();
      }
      const expected = lengths.map((ms) => Math.round((sampleRate * ms) / 1000));
      for (const [index, segment] of collector.segments.entries()) {
        expect(Math.abs(segment.length - (expected[index] ?? 0))).toBeLessThanOrEqual(2);
        // The last sound is there, and no silence as padding.
        const last = segment.slice(-Math.round(sampleRate / 440));
        expect(Math.max(...last)).toBeGreaterThan(9000);
      }
      await receiver.aclose();
      output.close();
    },
    SLOW,
  );
});
