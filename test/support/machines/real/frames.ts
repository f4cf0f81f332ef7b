import { VideoRotation } from '@livekit/rtc-node';
import { FrameLedger } from '../../../../src/frames/frame-ledger.ts';
import type { FrameSource, SourceFrame } from '../../../../src/frames/frame-source.ts';
import { FrameGate } from '../../../../src/frames/gate.ts';
import { openFrameSource } from '../../../../src/frames/open-frame-source.ts';
import type { PushResult, RealtimeVideoSink } from '../../../../src/models/video-sink.ts';
import { greyFrame } from '../../../../src/testing/camera/levels.ts';
import { USER } from '../../../../src/testing/identities.ts';
import { SOURCE_ID } from '../inputs.ts';
import { cameraOf } from './held-room.ts';

/** A gate whose pictures are not counted. */
export const realGate = () =>
  new FrameGate({
    ledger: new FrameLedger(),
    mayShow: () => true,
    onEncoded: () => {},
    onSent: () => {},
  });

/** The sink of a model that stays connected. A test decides what it does with each picture. */
export function sinkOf(push: () => PushResult): () => RealtimeVideoSink {
  const connection = {};
  return () => ({
    picture: {},
    labelsInPicture: false,
    forget: () => {},
    forgetSource: () => {},
    note: () => 'sent',
    acknowledged: () => Promise.resolve(),
    push,
    connection: () => connection,
    isSilentlyClosed: () => false,
    revive: () => false,
  });
}

/** The newest frame of a real track, which sends one on demand. */
export class RealFrames {
  readonly gate = realGate();
  readonly #source: FrameSource;
  #isBroken = false;

  constructor() {
    this.#source = openFrameSource(cameraOf('camera').track, {
      onFrame: (frame) => this.#put(frame),
      onEnd: () => {},
    });
  }

  /** Shows one frame. Resolves when it is the newest. */
  async show(level = 3): Promise<void> {
    const arrived = this.gate.next([SOURCE_ID], new AbortController().signal);
    cameraOf('camera').show(level);
    await arrived;
  }

  /** Shows a frame that cannot be read. */
  async showBroken(): Promise<void> {
    this.#isBroken = true;
    await this.show();
  }

  /** From this moment the screen is watched. */
  switchToScreen(): void {
    this.gate.intake(SOURCE_ID).put(
      {
        width: 96,
        height: 64,
        rotation: VideoRotation.VIDEO_ROTATION_0,
        isBlack: () => false,
        read: () => greyFrame(7),
        release: () => {},
      },
      { trackSid: 'TR_screen', identity: USER, source: 'screen', receivedAt: Date.now() },
    );
  }

  async end(): Promise<void> {
    await this.gate.close();
    await this.#source.close();
  }

  #put(frame: SourceFrame): void {
    const { width, height, rotation } = frame;
    const broken: SourceFrame = {
      width,
      height,
      rotation,
      isBlack: () => false,
      read: () => {
        throw new Error('it cannot be read');
      },
      release: () => frame.release(),
    };
    const put = this.#isBroken ? broken : frame;
    this.#isBroken = false;
    this.gate.intake(SOURCE_ID).put(put, {
      trackSid: 'TR_camera',
      identity: USER,
      source: 'camera',
      receivedAt: Date.now(),
    });
  }
}
