import { type Room, type TrackPublication, TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { tone } from '../../support/avatar/tones.ts';
import { Reports, SAMPLE_RATE, Stage, untilThere } from '../../support/avatar/worker-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 60_000;
const PITCHES = [400, 700, 1000, 1300, 1600];

let stage: Stage;

afterEach(() => stage.close(), SLOW);

/** Sends a segment as fast as possible. */
async function say(agent: Room, hertz: number, ms: number, sampleRate = SAMPLE_RATE) {
  const writer = await agent.localParticipant?.streamBytes({
    topic: 'lk.audio_stream',
    destinationIdentities: [FACE],
    attributes: { sample_rate: String(sampleRate), num_channels: '1' },
  });
  for (const { data } of tone(hertz, ms, sampleRate))
    await writer?.write(new Uint8Array(data.buffer));
  await writer?.close();
}

const tracksOf = (room: Room): TrackPublication[] => [
  ...(room.remoteParticipants.get(FACE)?.trackPublications.values() ?? []),
];

describeWithServer('the runner in a real room', (server) => {
  test(
    'the runner plays every segment once, in order, and reports each',
    async () => {
      stage = new Stage(server());
      const agent = await stage.join(AGENT, 'agent');
      const reports = new Reports(agent);
      const ear = await stage.listener(PITCHES);
      await stage.runner();
      await ear.subscribed;
      await until('both tracks published', () => tracksOf(agent).length === 2);
      expect(tracksOf(agent).map(({ name, source }) => ({ name, source }))).toEqual([
        { name: 'avatar_audio', source: TrackSource.SOURCE_MICROPHONE },
        { name: 'avatar_video', source: TrackSource.SOURCE_CAMERA },
      ]);

      for (const hertz of PITCHES.slice(0, 4)) await say(agent, hertz, 700);
      // A rate that differs from the track's, as an agent may choose.
      await say(agent, PITCHES[4] ?? 0, 700, 16_000);
      await reports.until('finished', 5);
      await until('five tones heard', () => ear.tones.length >= 5);
      expect(ear.tones.map(({ hertz }) => hertz)).toEqual(PITCHES);
      for (const { ms } of ear.tones) {
        // A busy machine loses some of what the listener should hear.
        expect(ms).toBeGreaterThan(400);
        expect(ms).toBeLessThan(800);
      }
      const finished = { method: 'lk.playback_finished', callerIdentity: FACE };
      const payload =
        '{"playback_position":0.7,"interrupted":false,"synchronized_transcript":null}';
      const started = { method: 'lk.playback_started', callerIdentity: FACE, payload: '' };
      const one = [started, { ...finished, payload }];
      expect(reports.all.slice(0, 8)).toEqual([...one, ...one, ...one, ...one]);
      expect(reports.finished[4]?.playback_position).toBeCloseTo(0.7, 1);
      expect(stage.errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'the runner stops at once on a clear, and reports its position',
    async () => {
      stage = new Stage(server());
      const agent = await stage.join(AGENT, 'agent');
      const reports = new Reports(agent);
      const ear = await stage.listener(PITCHES);
      await stage.runner();
      await ear.subscribed;
      await untilThere(agent, FACE);
      await say(agent, 400, 20_000);
      await say(agent, 700, 5000);
      await say(agent, 1000, 5000);
      await until('half a second heard', () => (ear.tones[0]?.ms ?? 0) > 500);
      const answer = await agent.localParticipant?.performRpc({
        destinationIdentity: FACE,
        method: 'lk.clear_buffer',
        payload: '',
      });
      expect(answer).toBe('ok');
      await reports.until('finished', 3);
      await say(agent, 1300, 500);
      await reports.until('finished', 4);
      await until('the next tone heard', () => ear.tones.some(({ hertz }) => hertz === 1300));

      expect(ear.tones.map(({ hertz }) => hertz)).toEqual([400, 1300]);
      const [cut, ...rest] = reports.finished;
      expect(cut?.interrupted).toBe(true);
      // The report matches what was heard, of 20 s, except for what is still in the network.
      const heardMs = ear.tones[0]?.ms ?? 0;
      expect(Math.abs((cut?.playback_position ?? 0) * 1000 - heardMs)).toBeLessThan(20_000 / 10);
      expect(rest).toMatchObject([
        { playback_position: 0, interrupted: true },
        { playback_position: 0, interrupted: true },
        { playback_position: 0.5, interrupted: false },
      ]);
      expect(reports.all.filter(({ method }) => method === 'lk.playback_started')).toHaveLength(2);
      expect(stage.errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'the runner answers an empty segment, and leaves nothing after close',
    async () => {
      stage = new Stage(server());
      const agent = await stage.join(AGENT, 'agent');
      const reports = new Reports(agent);
      await stage.listener(PITCHES);
      const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      const { room, runner } = await stage.runner();
      await untilThere(agent, FACE);
      await say(agent, 400, 0);
      await reports.until('finished', 1);
      expect(reports.all).toEqual([
        {
          method: 'lk.playback_finished',
          callerIdentity: FACE,
          payload: '{"playback_position":0,"interrupted":false,"synchronized_transcript":null}',
        },
      ]);
      await say(agent, 400, 5000);
      await reports.until('started', 1);
      await Promise.all([runner.aclose(), runner.aclose()]);
      await runner.aclose();
      await until('tracks gone', () => tracksOf(agent).length === 0);
      expect(room.eventNames()).toEqual([]);
      const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      expect(after).toBeLessThanOrEqual(before);
      await expect(runner.start()).rejects.toMatchObject({ code: 'avatar-closed' });
    },
    SLOW,
  );
});
