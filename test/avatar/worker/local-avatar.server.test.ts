import { fileURLToPath } from 'node:url';
import { voice } from '@livekit/agents';
import { ParticipantKind, type Room, RoomEvent } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AvatarExit } from '../../../src/avatar/worker/avatar-process.ts';
import { LocalAvatar } from '../../../src/avatar/worker/local-avatar.ts';
import { OptionError } from '../../../src/errors.ts';
import { recordSpeech } from '../../../src/testing/avatar/measure-offset.ts';
import { offsetFigures } from '../../../src/testing/avatar/offset.ts';
import { Viewer } from '../../../src/testing/avatar/viewer.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import { Child, endChildren } from '../../../src/testing/processes/child.ts';
import { ticket } from '../../../src/testing/rooms.ts';
import { until, untilEvent, within } from '../../../src/testing/waits.ts';
import { localAvatar } from '../../support/avatar/local-avatar.ts';
import { tone } from '../../support/avatar/tones.ts';
import { Stage, untilGone } from '../../support/avatar/worker-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const AVATAR = 'sightline-avatar';
/** Longer than the offsets that are looked for. */
const OTHER_PARTS_MS = [2000, 3000, 4000];

const agentSession = () =>
  new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });

describeWithServer('a local avatar', (server) => {
  let stage: Stage;
  let avatar: LocalAvatar;
  let agent: Room;

  const exit = () => new Promise<AvatarExit>((resolve) => avatar.once('exit', resolve));
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  beforeEach(async () => {
    stage = new Stage(server());
    agent = await stage.join(AGENT, 'agent');
    avatar = localAvatar(server(), { name: 'Ada' });
  });
  afterEach(async () => {
    await avatar.aclose();
    await stage.close();
    await endChildren();
  }, SLOW);

  test(
    'a local avatar joins for its agent, shows a speaking face, and leaves when it is closed',
    async () => {
      const session = agentSession();
      const viewer = new Viewer();
      const { url, token } = await ticket(server(), stage.name, 'user');
      await viewer.join(url, token);
      await avatar.start(session, agent);
      await avatar.waitForJoin();
      const participant = agent.remoteParticipants.get(AVATAR);
      expect(participant).toMatchObject({ name: 'Ada', kind: ParticipantKind.AGENT });
      expect(participant?.attributes).toMatchObject({ 'lk.publish_on_behalf': AGENT });
      expect(session.output.audio).toBeInstanceOf(voice.AudioOutput);

      await viewer.untilBoth();
      await until('a picture in full size', () => viewer.lastFrame?.width === 512);
      expect(viewer.lastFrame).toMatchObject({ width: 512, height: 512 });
      const { audio } = session.output;
      const from = performance.now();
      for (const frame of tone(300, 1000, 24_000)) await audio?.captureFrame(frame);
      audio?.flush();
      const played = await audio?.waitForPlayout();
      expect(played).toMatchObject({ playbackPosition: 1, interrupted: false });
      expect(performance.now() - from).toBeGreaterThan(500);
      await until('a mouth that is shut again', () => (viewer.picture.at(-1)?.value ?? 1) < 0.01);
      // The mouth was shut before, and open in between.
      const lips = viewer.picture.map(({ value }) => value);
      expect(Math.min(...lips)).toBeLessThan(0.01);
      expect(Math.max(...lips)).toBeGreaterThan(0.1);

      const pid = avatar.pid ?? 0;
      const ended = exit();
      await Promise.all([avatar.aclose(), avatar.aclose()]);
      expect(await ended).toEqual({ code: 0, signal: null, expected: true });
      expect(isAlive(pid)).toBe(false);
      expect(avatar.pid).toBeUndefined();
      await untilGone(agent, AVATAR);
      await viewer.leave();
    },
    SLOW,
  );

  test(
    'a local avatar can be started again after it was closed and after it died',
    async () => {
      const session = agentSession();
      await avatar.start(session, agent);
      await avatar.waitForJoin();
      await expect(avatar.start(session, agent)).rejects.toMatchObject({
        code: 'avatar-start-failed',
      });
      await avatar.aclose();
      await untilGone(agent, AVATAR);
      // Nothing listens to a participant that takes its identity.
      const other = await stage.join(AVATAR, 'agent', AGENT);
      const report = { destinationIdentity: AGENT, method: 'lk.playback_started', payload: '' };
      expect(await other.localParticipant?.performRpc(report)).toBe('reject');
      await other.disconnect();
      await untilGone(agent, AVATAR);

      await avatar.start(session, agent);
      await avatar.waitForJoin();
      const first = session.output.audio;
      const ended = exit();
      process.kill(avatar.pid ?? 0, 'SIGKILL');
      expect(await ended).toEqual({ code: null, signal: 'SIGKILL', expected: false });
      await untilGone(agent, AVATAR);

      await avatar.start(session, agent);
      await avatar.waitForJoin();
      expect(session.output.audio).not.toBe(first);
      for (const frame of tone(300, 200, 24_000)) await session.output.audio?.captureFrame(frame);
      session.output.audio?.flush();
      expect(await session.output.audio?.waitForPlayout()).toMatchObject({ interrupted: false });
    },
    SLOW,
  );

  test(
    'a local avatar ends with its parent, however that ends',
    async () => {
      const program = fileURLToPath(
        new URL('../../support/avatar/avatar-parent.ts', import.meta.url),
      );
      const { url, apiKey, apiSecret } = server();
      const seat = await ticket(server(), stage.name, 'other-agent', { kind: 'agent' });
      const parent = new Child([
        program,
        JSON.stringify({ url, apiKey, apiSecret }),
        JSON.stringify(seat),
      ]);
      const pid = Number((await parent.line(/^avatar \d+$/)).split(' ')[1]);
      await untilEvent('avatar', agent, [RoomEvent.ParticipantConnected], () =>
        agent.remoteParticipants.has(AVATAR),
      );
      parent.signal('SIGKILL');
      await untilGone(agent, AVATAR);
      await until('end of the process', () => !isAlive(pid));
    },
    SLOW,
  );

  test(
    'a local avatar that cannot join reports that and leaves no process',
    async () => {
      const session = agentSession();
      avatar = localAvatar(server(), { apiSecret: 'wrong-secret-of-some-length-0123456789' });
      await expect(avatar.start(session, agent)).rejects.toMatchObject({
        code: 'avatar-start-failed',
      });
      expect(avatar.pid).toBeUndefined();
      expect(session.output.audio).toBeNull();

      avatar = localAvatar(server(), { startTimeoutMs: 1 });
      await expect(avatar.start(session, agent)).rejects.toMatchObject({
        code: 'avatar-start-timeout',
      });
      expect(avatar.pid).toBeUndefined();

      avatar = localAvatar(server());
      const start = avatar.start(session, agent);
      const failed = expect(start).rejects.toMatchObject({ code: 'avatar-closed' });
      await avatar.aclose();
      await within('end of the start', failed);
      expect(avatar.pid).toBeUndefined();
    },
    SLOW,
  );

  test(
    'a local avatar keeps its mouth in time with its voice',
    async () => {
      const { sound, picture } = await recordSpeech(server(), 10);
      const { compared } = offsetFigures(sound, picture);
      // A mouth that moves by chance fits another part of the speech as well.
      const byChance = OTHER_PARTS_MS.map((laterMs) => {
        const later = picture.map(({ at, value }) => ({ at: at + laterMs, value }));
        return offsetFigures(sound, later).compared;
      });
      console.info({ compared, byChance });
      // tools/bench/avatar measures the offset.
      expect(compared).toBeGreaterThan(Math.max(...byChance));
    },
    SLOW,
  );
});

describe('options of a local avatar', () => {
  test('options of a local avatar are checked, with a remedy', async () => {
    for (const options of [{ identity: '' }, { width: 1 }, { fps: 0 }, { startTimeoutMs: 0 }])
      expect(() => new LocalAvatar(options)).toThrow(OptionError);
    const room = { isConnected: true, name: 'room', on() {}, off() {} } as unknown as Room;
    const { LIVEKIT_URL, ...rest } = process.env;
    process.env = rest;
    try {
      const start = new LocalAvatar({ apiKey: 'a', apiSecret: 'b' }).start(agentSession(), room);
      await expect(start).rejects.toThrow(/url.*LIVEKIT_URL/);
    } finally {
      if (LIVEKIT_URL !== undefined) process.env.LIVEKIT_URL = LIVEKIT_URL;
    }
  });
});
