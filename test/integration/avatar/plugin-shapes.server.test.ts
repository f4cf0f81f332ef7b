import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import { type Room, TrackKind } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import type { AudioReceiver, SpeechItem } from '../../../src/avatar/worker/audio-receiver.ts';
import type { PlaybackFinished } from '../../../src/avatar/worker/avatar-protocol.ts';
import { AvatarRunner } from '../../../src/avatar/worker/avatar-runner.ts';
import { FaceGenerator } from '../../../src/avatar/worker/face-generator.ts';
import { FacePictures } from '../../../src/avatar/worker/face-pictures.ts';
import { HiredAvatar } from '../../../src/testing/avatar/hired-avatar.ts';
import { stairSteps } from '../../../src/testing/avatar/stair.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import type { LiveKitServer } from '../../../src/testing/livekit-server.ts';
import { joinRoom } from '../../../src/testing/rooms.ts';
import { endStages } from '../../support/avatar/stage.ts';
import { GREETING_MS, greetingStage } from '../../support/providers/greeting-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

const SLOW = 200_000;
const QUEUE_FORMAT = { width: 128, height: 128, fps: 10, sampleRate: 24_000, channels: 1 };
afterEach(async () => {
  await endStages();
  vi.unstubAllEnvs();
}, SLOW);

/** How a plugin of the framework's repository passes the speech on. */
interface Wire {
  /** In Hz. */
  readonly sampleRate?: number;
  /** It replaces the tail of the output, which frameworks after 1.9 have. */
  readonly setsTail?: boolean;
}

type NewerOutput = { replaceAudioTail(tail: voice.AudioOutput): void };

/**
 * Starts like the plugins of Beyond Presence 1.4.2 and Anam 1.5.0: it gets no report of the start
 * of the playback, and it sets no sample rate. The plugin of Beyond Presence does not set its
 * identity either: the framework's class then reports `unknown`.
 */
class PlainAvatar extends voice.AvatarSession {
  readonly #server: LiveKitServer;
  protected readonly identity: string;
  readonly #wire: Wire;
  #avatar: HiredAvatar | undefined;

  constructor(server: LiveKitServer, identity: string, wire: Wire = {}) {
    super();
    this.#server = server;
    this.identity = identity;
    this.#wire = wire;
  }

  override async start(session: voice.AgentSession, room: Room): Promise<void> {
    await super.start(session, room);
    const participant = await joinRoom(this.#server, room.name ?? '', this.identity, {
      kind: 'agent',
      attributes: { 'lk.publish_on_behalf': AGENT },
    });
    this.#avatar = await HiredAvatar.in(participant);
    const { sampleRate, setsTail } = this.#wire;
    const output = new voice.DataStreamAudioOutput({
      room,
      destinationIdentity: this.identity,
      waitRemoteTrack: TrackKind.KIND_VIDEO,
      ...(sampleRate ? { sampleRate } : {}),
    });
    if (setsTail) (session.output as unknown as NewerOutput).replaceAudioTail(output);
    else session.output.audio = output;
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

/** The speech of a QueueAudioOutput, as an avatar reads it. */
class QueuedSpeech extends EventEmitter implements AudioReceiver {
  readonly #output: voice.QueueAudioOutput;
  #isInSegment = false;
  /** The rest of an interrupted segment is in the queue, with its end. */
  #isDropping = false;

  constructor(output: voice.QueueAudioOutput) {
    super();
    this.#output = output;
    output.on('clear_buffer', ({ wasCapturing }: voice.QueueAudioOutputClearEvent) => {
      this.#isDropping = wasCapturing || this.#isInSegment;
      this.emit('clearBuffer', { unheardSegments: 0 });
    });
  }

  async start(): Promise<void> {}

  notifyPlaybackStarted(): void {
    this.#output.notifyPlaybackStarted();
  }

  notifyPlaybackFinished({ playbackPosition, interrupted }: PlaybackFinished): void {
    this.#output.notifyPlaybackFinished(playbackPosition, interrupted);
  }

  aclose(): Promise<void> {
    return this.#output.aclose();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SpeechItem> {
    for await (const item of this.#output.stream()) {
      const isEnd = item instanceof voice.AudioSegmentEnd;
      this.#isInSegment = !isEnd;
      if (!this.#isDropping) yield item;
      else if (isEnd) this.#isDropping = false;
    }
  }
}

/** Starts like LiveAvatar's plugin: no class of the framework, no identity, and an output of its own. */
class QueueAvatar {
  readonly #server: LiveKitServer;
  readonly #identity: string;
  #stop: (() => Promise<void>) | undefined;

  constructor(server: LiveKitServer, identity: string) {
    this.#server = server;
    this.#identity = identity;
  }

  async start(session: voice.AgentSession, room: Room): Promise<void> {
    const participant = await joinRoom(this.#server, room.name ?? '', this.#identity, {
      kind: 'agent',
      attributes: { 'lk.publish_on_behalf': AGENT },
    });
    const output = new voice.QueueAudioOutput(QUEUE_FORMAT.sampleRate);
    const pictures = await FacePictures.draw({ ...QUEUE_FORMAT, name: '' });
    const runner = new AvatarRunner({
      room: participant,
      audio: new QueuedSpeech(output),
      video: new FaceGenerator(pictures, QUEUE_FORMAT),
      options: QUEUE_FORMAT,
    });
    await runner.start();
    session.output.audio = output;
    this.#stop = async () => {
      await runner.aclose();
      await participant.disconnect();
    };
  }

  async aclose(): Promise<void> {
    await this.#stop?.();
  }
}

/** The avatar stops in the middle of a long answer, and reports so. */
async function expectInterruption(stage: Awaited<ReturnType<typeof greetingStage>>) {
  expect(await stage.interrupted()).toBeLessThan(0.5);
  expect(stage.video.metrics().avatar.unconfirmed).toBe(0);
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

  test.each<[string, string, Wire]>([
    ['D-ID', 'd-id-avatar-agent', { sampleRate: 16_000 }],
    ['Tavus', 'tavus-avatar-agent', { sampleRate: 24_000, setsTail: true }],
    ['Trugen', 'trugen-avatar', { setsTail: true }],
    ['Protoface', 'protoface-avatar-agent', { sampleRate: 16_000 }],
  ])(
    'an avatar on the wire of %s speaks, and can be interrupted',
    async (_, identity, wire) => {
      const avatar = new NamedAvatar(server(), identity, wire);
      const stage = await greetingStage(server(), { avatar });
      expect(await stage.greet()).toEqual([identity]);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      await expectInterruption(stage);
    },
    SLOW,
  );

  test(
    "an avatar on LiveAvatar's wire, which reads a QueueAudioOutput, speaks, and can be interrupted",
    async () => {
      const avatar = new QueueAvatar(server(), 'liveavatar-avatar-agent');
      const stage = await greetingStage(server(), { avatar });
      expect(await stage.greet()).toEqual(['liveavatar-avatar-agent']);
      expect(stage.ears.steps).toEqual(stairSteps(GREETING_MS));
      await expectInterruption(stage);
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
      await expectInterruption(await stageWith('second-avatar'));
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
