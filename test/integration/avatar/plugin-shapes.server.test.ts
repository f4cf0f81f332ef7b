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
const SPOKEN_MS = 8000;
afterEach(async () => {
  await endStages();
  vi.unstubAllEnvs();
}, SLOW);

/**
 * Starts like the plugins of Beyond Presence 1.4.2 and Anam 1.5.0: it gets no report of the start
 * of the playback, and it sets no sample rate. The plugin of Beyond Presence does not set its
 * identity either: the framework's class then reports `unknown`.
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

/** Like Anam's, which sets its identity. */
class NamedAvatar extends PlainAvatar {
  override get avatarIdentity(): string {
    return this.identity;
  }
}

describeWithServer('an avatar', (server) => {
  test(
    'an avatar whose plugin sets no identity is shown nevertheless',
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
    'the first avatar of an identity in the second room of a process can report',
    async () => {
      const stageWith = async (name: string) => {
        const stage = await greetingStage(server(), { avatar: new NamedAvatar(server(), name) });
        expect(await stage.greet()).toEqual([name]);
        return stage;
      };
      await (await stageWith('first-avatar')).end();
      const stage = await stageWith('second-avatar');
      const speech = stage.say(SPOKEN_MS);
      const before = stage.ears.sounds.length;
      await until('the avatar is heard', () => stage.ears.sounds.length > before + 20);
      const from = Date.now();
      speech.interrupt();
      await speech.waitForPlayout();
      expect(Date.now() - from).toBeLessThan(SPOKEN_MS / 4);
      expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
    },
    SLOW,
  );

  test(
    'an avatar whose constructor throws leaves the voice, with the reason',
    async () => {
      const avatar = () => {
        // What the constructor of Hedra's plugin 1.7.1 does.
        throw new Error('The Hedra realtime avatar service has been disabled.');
      };
      const stage = await greetingStage(server(), { avatar, avatarLimits: { maxAttempts: 1 } });
      expect(await stage.greet()).toEqual([AGENT]);
      expect(stage.told[0]).toBe('failed: The Hedra realtime avatar service has been disabled.');
    },
    SLOW,
  );
});
