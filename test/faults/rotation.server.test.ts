import {
  LocalVideoTrack,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoRotation,
  VideoSource,
} from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { EncodedImage } from '../../src/index.ts';
import { renderScene } from '../../src/testing/camera/scene.ts';
import { randomText } from '../../src/testing/rooms.ts';
import { within } from '../../src/testing/waits.ts';
import { Agent, endAgents, endReading, textIn } from '../support/faults/agent.ts';
import { describeWithServer } from '../support/real-parts.ts';
import { RealRoom } from '../support/real-room.ts';

const SLOW = 200_000;
const [WIDTH, HEIGHT] = [640, 360];

/** Positions of a phone: the picture of its sensor has to be turned clockwise by this angle. */
const HOLDS = [
  [VideoRotation.VIDEO_ROTATION_0, 0],
  [VideoRotation.VIDEO_ROTATION_90, 90],
  [VideoRotation.VIDEO_ROTATION_180, 180],
  [VideoRotation.VIDEO_ROTATION_270, 270],
] as const;

afterEach(endAgents, SLOW);
afterAll(() => endReading());

describeWithServer('a phone that is turned in mid-stream', (server) => {
  test(
    'a phone that is turned during the stream shows the same upright picture in each position',
    async () => {
      const room = await RealRoom.withAgent(server());
      const agent = await Agent.start(room);
      const user = await room.join('user');
      const phone = await Phone.on();
      try {
        const publication = await user.room.localParticipant?.publishTrack(
          phone.track,
          new TrackPublishOptions({ source: TrackSource.SOURCE_CAMERA, simulcast: false }),
        );
        const sid = publication?.sid ?? '';
        await agent.see({ sid });
        for (const [rotation, degrees] of [...HOLDS, ...HOLDS.slice(0, 2)]) {
          const text = randomText();
          await phone.hold(text, rotation, degrees);
          const { width, height } = await untilShown(agent, sid, text);
          expect({ width, height }).toEqual({ width: WIDTH, height: HEIGHT });
        }
        expect(agent.errors).toEqual([]);
        expect(agent.video.metrics().stalls).toBe(0);
      } finally {
        await phone.off();
      }
    },
    SLOW,
  );
});

/** The first picture in which this text can be read. */
function untilShown(agent: Agent, sid: string, text: string): Promise<EncodedImage> {
  const shown = async () => {
    let frame = await agent.see({ sid });
    while (!(await textIn(frame)).includes(text)) frame = await agent.see({ sid });
    return frame.encode();
  };
  return within(`picture of ${text}`, shown());
}

/** A camera that does not turn its pixels itself, but states how to turn them. */
class Phone {
  readonly track: LocalVideoTrack;
  readonly #source = new VideoSource(WIDTH, HEIGHT);
  readonly #timer: NodeJS.Timeout;
  #shown: { frame: VideoFrame; rotation: VideoRotation } | undefined;

  private constructor() {
    this.track = LocalVideoTrack.createVideoTrack('phone', this.#source);
    this.#timer = setInterval(() => this.#send(), 100);
  }

  static async on(): Promise<Phone> {
    const phone = new Phone();
    await phone.hold(randomText(), VideoRotation.VIDEO_ROTATION_0, 0);
    return phone;
  }

  /** Shows this text upright to a viewer that applies the rotation. */
  async hold(text: string, rotation: VideoRotation, degrees: number): Promise<void> {
    const { picture } = await renderScene({ width: WIDTH, height: HEIGHT, text, style: 'slide' });
    const rgb = picture.convert(VideoBufferType.RGBA);
    const { data, info } = await sharp(rgb.data, {
      raw: { width: WIDTH, height: HEIGHT, channels: 4 },
    })
      .rotate((360 - degrees) % 360)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const turned = new VideoFrame(
      Uint8Array.from(data),
      info.width,
      info.height,
      VideoBufferType.RGBA,
    );
    this.#shown = { frame: turned.convert(VideoBufferType.I420), rotation };
  }

  async off(): Promise<void> {
    clearInterval(this.#timer);
    await this.track.close();
  }

  #send(): void {
    if (this.#shown) this.#source.captureFrame(this.#shown.frame, 0n, this.#shown.rotation);
  }
}
