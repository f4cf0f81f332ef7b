import { FrameLedger } from '../../../../src/frames/frame-ledger.ts';
import type { FrameSource, SourceFrame } from '../../../../src/frames/frame-source.ts';
import { NewestFrameSlot } from '../../../../src/frames/newest-frame.ts';
import { openFrameSource } from '../../../../src/frames/open-frame-source.ts';
import { USER } from '../../../../src/testing/identities.ts';
import { cameraOf } from './eyes.ts';

/** The newest frame of a real track that sends one when it is told to. */
export class RealFrames {
  readonly slot = new NewestFrameSlot(new FrameLedger());
  readonly #source: FrameSource;
  #isBroken = false;

  constructor() {
    this.#source = openFrameSource(cameraOf('camera').track, {
      onFrame: (frame) => this.#put(frame),
      onEnd: () => {},
    });
  }

  /** Shows one frame; done when it is the newest. */
  async show(level = 3): Promise<void> {
    const arrived = this.slot.next(new AbortController().signal);
    cameraOf('camera').show(level);
    await arrived;
  }

  /** Shows one that cannot be read. */
  async showBroken(): Promise<void> {
    this.#isBroken = true;
    await this.show();
  }

  async end(): Promise<void> {
    this.slot.clear();
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
    this.slot.put(put, {
      trackSid: 'TR_camera',
      identity: USER,
      source: 'camera',
      receivedAt: Date.now(),
    });
  }
}
