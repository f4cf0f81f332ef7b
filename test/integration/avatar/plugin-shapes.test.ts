import { voice } from '@livekit/agents';
import { type Room, TrackKind } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { HiredAvatar } from '../../../src/testing/avatar/hired-avatar.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { joinRoom } from '../../../src/testing/rooms.ts';
import { until } from '../../../src/testing/waits.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 120_000;
afterEach(async () => {
  await endStages();
  vi.unstubAllEnvs();
}, SLOW);

/**
 * Starts as the plugins of Beyond Presence 1.4.2 and Anam 1.5.0: it hears of no start of the
 * playback, and the rate is open. That of Beyond Presence does not tell whom it sends either: the
 * framework's class says `unknown` then.
 */
class PlainAvatar extends voice.AvatarSession {
  readonly #server: LiveKitServer;
  protected readonly identity: string;
  #avatar: HiredAvatar | undefined;

  constructor(server: LiveKitServer, identity: string) {
    super();
    this.#server = server;
    this.identity = identity;
  }

  override async start(session: voice.AgentSession, room: Room): Promise<void> {
    await super.start(session, room);
    const participant = await joinRoom(this.#server, room.name ?? '', this.identity, {
      kind: 'agent',
      attributes: { 'lk.publish_on_behalf': AGENT },
    });
    this.#avatar = await HiredAvatar.in(participant);
    session.output.audio = new voice.DataStreamAudioOutput({
      room,
      destinationIdentity: this.identity,
      waitRemoteTrack: TrackKind.KIND_VIDEO,
    });
  }

  override async aclose(): Promise<void> {
    await this.#avatar?.leave();
    await super.aclose();
  }
}

/** As Anam's: it tells. */
class NamedAvatar extends PlainAvatar {
  override get avatarIdentity(): string {
    return this.identity;
  }
}

describeWithServer('an avatar', (server) => {
  test(
    'whose plugin does not tell its identity is shown all the same',
    async () => {
      const avatar = new PlainAvatar(server(), 'bey-avatar-agent');
      const stage = await greetingStage(server(), {
        avatar,
        avatarLimits: { joinTimeoutMs: 4000 },
      });
      expect(await stage.greet()).toEqual(['bey-avatar-agent']);
      expect(stage.told).toEqual(['shown']);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
    },
    SLOW,
  );

  // The framework listens for an avatar's reports in the first room of a process.
  test(
    'that is the first of its name, in the second room of a process, is heard when it reports',
    async () => {
      const stageWith = async (name: string) => {
        const stage = await greetingStage(server(), { avatar: new NamedAvatar(server(), name) });
        expect(await stage.greet()).toEqual([name]);
        return stage;
      };
      await (await stageWith('first-avatar')).end();
      const stage = await stageWith('second-avatar');
      const speech = stage.say(8000);
      const before = stage.ears.sounds.length;
      await until('the avatar is heard', () => stage.ears.sounds.length > before + 20);
      const from = Date.now();
      speech.interrupt();
      await speech.waitForPlayout();
      expect(Date.now() - from).toBeLessThan(500);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
    },
    SLOW,
  );

  test(
    'that cannot even be made leaves a voice, which says why',
    async () => {
      const avatar = () => {
        // What the constructor of Hedra's 1.7.1 does.
        throw new Error('The Hedra realtime avatar service has been disabled.');
      };
      const stage = await greetingStage(server(), { avatar, avatarLimits: { maxAttempts: 1 } });
      expect(await stage.greet()).toEqual([AGENT]);
      expect(stage.told[0]).toBe('failed: The Hedra realtime avatar service has been disabled.');
    },
    SLOW,
  );
});
