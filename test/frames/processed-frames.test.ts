import type { VideoFrame } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import { NewestFrameSlot } from '../../src/frames/newest-frame.ts';
import { WHOLE } from '../../src/frames/picture-place.ts';
import { ProcessedFrames } from '../../src/frames/processed-frames.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';

/** A source behind a processor that leaves each frame as it is. */
function sourceWithProcessor() {
  const ledger = new FrameLedger();
  const slot = new NewestFrameSlot(ledger);
  const released: number[] = [];
  const frames = new ProcessedFrames({
    slot,
    processing: {
      ...{ isActive: true, intervalMs: 0 },
      process: async (frame) => ({ frame, area: WHOLE }),
    },
    mayShow: () => true,
  });
  const frame: VideoFrame = greyFrame(5);
  const put = (id: number) =>
    slot.put(
      {
        ...{ width: frame.width, height: frame.height, rotation: 0, isBlack: () => false },
        read: () => frame,
        release: () => void released.push(id),
      },
      { trackSid: 'TR_1', identity: 'ada', source: 'camera', receivedAt: id },
    );
  return { frames, ledger, put, released, slot };
}

test('frames that a processor made for a listener are released, and each is counted once', async () => {
  const { frames, ledger, put, released, slot } = sourceWithProcessor();
  let onSeen: (frame: FrameRef) => void = () => {};
  const stop = frames.onFrame((frame) => onSeen(frame));
  for (const id of [1, 2, 3]) {
    const seen = new Promise((resolve) => {
      onSeen = resolve;
    });
    put(id);
    await seen;
    expect(released).toHaveLength(id - 1);
  }
  stop();
  slot.clear();
  expect(released).toEqual([1, 2, 3]);
  expect(ledger.counts()).toMatchObject({ received: 3, skipped: { unused: 3 }, pending: 0 });
});
