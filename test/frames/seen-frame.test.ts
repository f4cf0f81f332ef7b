import { VideoRotation } from '@livekit/rtc-node';
import { expect, test } from 'vitest';
import { seenFrame } from '../../src/frames/seen-frame.ts';
import { chartError, chartFrame } from '../support/frames/chart.ts';
import { decoded } from '../support/frames/pictures.ts';

const size = { width: 64, height: 48 };
const frame = chartFrame('RGBA', size);
const ref = {
  ...{ id: 3, trackSid: 'TR_1', identity: 'ada', source: 'screen' as const },
  ...{ ...size, receivedAt: 5 },
};

test('a frame of the application has its origin, and is encoded upright with the options', async () => {
  const seen = seenFrame({ ref, frame, rotation: VideoRotation.VIDEO_ROTATION_90 }, () => true);
  expect(seen).toMatchObject({ ...ref, frame, rotation: VideoRotation.VIDEO_ROTATION_90 });
  const image = await seen.encode({ format: 'png' });
  expect(image).toMatchObject({ mimeType: 'image/png', width: 48, height: 64 });
  expect(chartError(await decoded(image.data), size, 90)).toBeLessThan(4);
});

test('a frame is not encoded if its video is off before or after the encoding', async () => {
  for (const answers of [[false], [true, false]]) {
    const seen = seenFrame(
      { ref, frame, rotation: VideoRotation.VIDEO_ROTATION_0 },
      () => answers.shift() ?? true,
    );
    await expect(seen.encode()).rejects.toMatchObject({ reason: 'off' });
    expect(answers).toEqual([]);
  }
});
