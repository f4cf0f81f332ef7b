import { AudioSource, type Room, type TrackPublication, TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { until } from '../../../src/testing/waits.ts';
import { tone } from '../../support/avatar/tones.ts';
import { Reports, SAMPLE_RATE, Stage, untilThere } from '../../support/avatar/worker-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const PITCHES = [400, 700, 1000, 1300, 1600];
/** A segment has two pitches: one that is played twice is heard as four. */
const SEGMENTS = [
  [400, 700],
  [1000, 1300],
  [1600, 400],
  [700, 1000],
  [1300, 1600],
];
/** Duration of each pitch of a segment, in ms. */
const PITCH_MS = 400;

let stage: Stage;

afterEach(() => stage.close(), SLOW);

/** Sends a segment of these pitches as fast as possible. */
async function say(agent: Room, pitches: number[], ms: number, sampleRate = SAMPLE_RATE) {
  const writer = await agent.localParticipant?.streamBytes({
    topic: 'lk.audio_stream',
    destinationIdentities: [FACE],
    attributes: { sample_rate: String(sampleRate), num_channels: '1' },
  });
  for (const { data } of pitches.flatMap((hertz) => tone(hertz, ms, sampleRate)))
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

      const played = vi.spyOn(AudioSource.prototype, 'captureFrame');
      for (const pitches of SEGMENTS.slice(0, 4)) await say(agent, pitches, PITCH_MS);
      // A rate that differs from the track's, as an agent may choose.
      await say(agent, SEGMENTS[4] ?? [], PITCH_MS, 16_000);
      await reports.until('finished', 5);
      await until('the last tone heard', () => ear.tones.length >= SEGMENTS.flat().length);
      await until('silence', () => ear.silentMs > PITCH_MS);
      expect(ear.tones.map(({ hertz }) => hertz)).toEqual(SEGMENTS.flat());
      const samples = played.mock.calls.map(([{ samplesPerChannel }]) => samplesPerChannel);
      expect(samples.reduce((sum, count) => sum + count)).toBe(
        (SEGMENTS.flat().length * PITCH_MS * SAMPLE_RATE) / 1000,
      );
      const finished = { method: 'lk.playback_finished', callerIdentity: FACE };
      const payload =
        '{"playback_position":0.8,"interrupted":false,"synchronized_transcript":null}';
      const started = { method: 'lk.playback_started', callerIdentity: FACE, payload: '' };
      expect(reports.all).toEqual(SEGMENTS.flatMap(() => [started, { ...finished, payload }]));
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
      await say(agent, [400], 20_000);
      await say(agent, [700], 5000);
      await say(agent, [1000], 5000);
      await until('two seconds heard', () => (ear.tones[0]?.ms ?? 0) > 2000);
      const answer = await agent.localParticipant?.performRpc({
        destinationIdentity: FACE,
        method: 'lk.clear_buffer',
        payload: '',
      });
      expect(answer).toBe('ok');
      await reports.until('finished', 3);
      await say(agent, [1300], 500);
      await reports.until('finished', 4);
      await until('the next tone heard', () => ear.tones.some(({ hertz }) => hertz === 1300));

      expect(ear.tones.map(({ hertz }) => hertz)).toEqual([400, 1300]);
      const [cut, ...rest] = reports.finished;
      expect(cut?.interrupted).toBe(true);
      // All but what was in the network: without a clear, all 20 s are heard and reported.
      const heardMs = ear.tones[0]?.ms ?? 0;
      const reportedMs = (cut?.playback_position ?? 0) * 1000;
      expect(reportedMs).toBeLessThan(2 * heardMs);
      expect(heardMs).toBeLessThan(2 * reportedMs);
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
      const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
      const before = timers().length;
      const { room, runner } = await stage.runner();
      await untilThere(agent, FACE);
      await say(agent, [400], 0);
      await reports.until('finished', 1);
      expect(reports.all).toEqual([
        {
          method: 'lk.playback_finished',
          callerIdentity: FACE,
          payload: '{"playback_position":0,"interrupted":false,"synchronized_transcript":null}',
        },
      ]);
      await say(agent, [400], 5000);
      await reports.until('started', 1);
      await Promise.all([runner.aclose(), runner.aclose()]);
      await runner.aclose();
      await until('tracks gone', () => tracksOf(agent).length === 0);
      expect(room.eventNames()).toEqual([]);
      await until('no timer left', () => timers().length <= before);
      await expect(runner.start()).rejects.toMatchObject({ code: 'avatar-closed' });
    },
    SLOW,
  );
});
