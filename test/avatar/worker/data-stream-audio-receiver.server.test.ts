import { voice } from '@livekit/agents';
import type { ByteStreamWriter, Room } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { bytesOf, Collector } from '../../support/avatar/collect.ts';
import { tone } from '../../support/avatar/tones.ts';
import {
  Reports,
  SAMPLE_RATE,
  Stage,
  untilGone,
  untilThere,
} from '../../support/avatar/worker-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const A = [1, 2, 3, 4];
const B = [5, 6, 7];

let stage: Stage;

afterEach(() => stage.close(), SLOW);

/** A stream of speech as an agent opens it. */
async function openStream(agent: Room): Promise<ByteStreamWriter> {
  const writer = await agent.localParticipant?.streamBytes({
    name: 'AUDIO_test',
    topic: 'lk.audio_stream',
    destinationIdentities: [FACE],
    attributes: { sample_rate: '24000', num_channels: '1' },
  });
  if (!writer) throw new Error('the agent is not in the room');
  return writer;
}

describeWithServer('the receiver in a real room', (server) => {
  test(
    "the receiver takes the stream of Node's own sender, which gets the reports",
    async () => {
      stage = new Stage(server());
      const agent = await stage.join(AGENT, 'agent');
      const { receiver } = await stage.receiver();
      const heard = new Collector(receiver);
      await receiver.start();
      await untilThere(agent, FACE);
      const output = new voice.DataStreamAudioOutput({
        room: agent,
        destinationIdentity: FACE,
        sampleRate: SAMPLE_RATE,
        waitPlaybackStart: true,
      });
      const started = new Promise<void>((resolve) => {
        output.on(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => resolve());
      });
      const frames = tone(440, 300, SAMPLE_RATE);
      for (const frame of frames) await output.captureFrame(frame);
      output.flush();
      await heard.untilSegments(1);
      expect(heard.segments).toEqual([frames.flatMap(({ data }) => [...data])]);
      receiver.notifyPlaybackStarted();
      receiver.notifyPlaybackFinished({ playbackPosition: 0.3, interrupted: false });
      await started;
      expect(await output.waitForPlayout()).toMatchObject({
        playbackPosition: 0.3,
        interrupted: false,
      });

      await output.captureFrame(frames[0] as never);
      await heard.until('frames', () => heard.open.length > 0);
      output.clearBuffer();
      await heard.until('a clear', () => heard.clears.length > 0);
      expect(heard.clears).toEqual([{ unheardSegments: 0 }]);
      receiver.notifyPlaybackFinished({ playbackPosition: 0.01, interrupted: true });
      expect(await output.waitForPlayout()).toMatchObject({ interrupted: true });
      output.flush();
      // This also waits for packets that follow the end, so none meets a room that was left.
      await agent.localParticipant?.sendText('', { topic: 'after' });
      expect(stage.errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'the receiver survives lost trailers, and a sender that leaves and comes back',
    async () => {
      stage = new Stage(server());
      const agent = await stage.join(AGENT, 'agent');
      const { room, receiver } = await stage.receiver({
        idleTimeoutMs: 1500,
        supersededTimeoutMs: 300,
      });
      const heard = new Collector(receiver);
      await receiver.start();
      await untilThere(agent, FACE);
      await (await openStream(agent)).write(bytesOf(A));
      await (await openStream(agent)).write(bytesOf(B));
      await heard.untilSegments(2);
      expect(heard.segments).toEqual([A, B]);
      expect(heard.errors.map(({ reason }) => reason)).toEqual(['stream', 'stream']);

      // A whole frame, which is delivered before its end: a disconnect drops what is still on its way.
      const [frame] = tone(440, 20, SAMPLE_RATE).map(({ data }) => [...data]);
      const broken = await openStream(agent);
      await broken.write(bytesOf(frame ?? []));
      await heard.until('the frame', () => heard.open.length > 0);
      await agent.disconnect();
      await untilGone(room, AGENT);
      await heard.untilSegments(3);
      expect(heard.segments[2]).toEqual(frame);

      const again = await stage.join(AGENT, 'agent');
      await untilThere(again, FACE);
      const reports = new Reports(again);
      const whole = await openStream(again);
      await whole.write(bytesOf(B));
      await whole.close();
      await heard.untilSegments(4);
      expect(heard.segments[3]).toEqual(B);
      receiver.notifyPlaybackFinished({ playbackPosition: 0.5, interrupted: false });
      await reports.until('finished', 1);
      expect(reports.all).toEqual([
        {
          method: 'lk.playback_finished',
          callerIdentity: FACE,
          payload: '{"playback_position":0.5,"interrupted":false,"synchronized_transcript":null}',
        },
      ]);
    },
    SLOW,
  );
});
