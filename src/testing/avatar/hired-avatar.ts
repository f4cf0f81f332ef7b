import type { Room } from '@livekit/rtc-node';
import { AvatarRunner } from '../../avatar/worker/avatar-runner.ts';
import { DataStreamAudioReceiver } from '../../avatar/worker/data-stream-audio-receiver.ts';
import { FaceGenerator } from '../../avatar/worker/face-generator.ts';
import { FacePictures } from '../../avatar/worker/face-pictures.ts';
import { AGENT } from '../identities.ts';

/** The default rate of LemonSlice's plugin and of the gateway. */
export const SAMPLE_RATE = 16_000;

const FORMAT = { width: 128, height: 128, fps: 10, sampleRate: SAMPLE_RATE, channels: 1 };

/** The participant that a provider sends into a room. */
export class HiredAvatar {
  readonly #room: Room;
  readonly #runner: AvatarRunner;

  private constructor(room: Room, runner: AvatarRunner) {
    this.#room = room;
    this.#runner = runner;
  }

  /** Resolves when its video is published. */
  static async in(room: Room): Promise<HiredAvatar> {
    const audio = new DataStreamAudioReceiver(room, { senderIdentity: AGENT });
    const video = new FaceGenerator(await FacePictures.draw({ ...FORMAT, name: '' }), FORMAT);
    const runner = new AvatarRunner({ room, audio, video, options: FORMAT });
    await runner.start();
    return new HiredAvatar(room, runner);
  }

  get identity(): string {
    return this.#room.localParticipant?.identity ?? '';
  }

  get isInRoom(): boolean {
    return this.#room.isConnected;
  }

  async leave(): Promise<void> {
    await this.#runner.aclose();
    await this.#room.disconnect();
  }
}
