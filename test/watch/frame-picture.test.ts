import { afterEach, expect, test } from 'vitest';
import { MODEL_PICTURE } from '../../src/defaults.ts';
import { handOut } from '../../src/frames/handed-frames.ts';
import type { SeenFrame } from '../../src/index.ts';
import { framePicture } from '../../src/watch/frame-picture.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, rejection } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** The same frame. After it is encoded and before the caller gets it, `happens` runs. */
function andThen(frame: SeenFrame, happens: () => void): SeenFrame {
  const encode = frame.encode.bind(frame);
  return Object.assign(frame, {
    encode: async (...options: Parameters<SeenFrame['encode']>) => {
      const image = await encode(...options);
      happens();
      return image;
    },
  });
}

test('a picture whose consent is withdrawn right after the encoding is refused', async () => {
  const stage = await liveStage(camera);
  const frame = andThen(await stage.show(4), () => stage.video.setMode('off'));
  const refused = await rejection(framePicture(frame, { image: MODEL_PICTURE }));
  expect(refused).toMatchObject({ name: 'LookError', reason: 'off' });
});

test('a picture whose consent is withdrawn later becomes a line of text, and its owner is informed', async () => {
  const stage = await liveStage(camera);
  const frame = await stage.show(4);
  let heard = 0;
  const onWithdrawn = () => {
    heard++;
  };
  const picture = await framePicture(frame, { image: MODEL_PICTURE, onWithdrawn });
  expect(JSON.stringify(picture)).toContain('data:image/jpeg');
  stage.room.mute(stage.publication);
  expect(JSON.stringify(picture)).toMatch(/^"\[a picture of the camera at .* no longer shown\]"$/);
  expect(heard).toBe(1);
});

test('only a picture for the model of the conversation is noted as shown, as one of a turn', async () => {
  const image = { data: Buffer.from('jpeg'), mimeType: 'image/jpeg', width: 1, height: 1 };
  const ref = { id: 1, trackSid: 'TR', identity: 'ada', source: 'camera', receivedAt: 0 };
  const frame = { ...ref, encode: async () => image } as unknown as SeenFrame;
  const shown: unknown[] = [];
  handOut(frame, {
    isValid: () => true,
    keep: () => {},
    noteShown: (picture) => shown.push(picture),
  });
  const options = { quality: 60 };
  expect(await framePicture(frame, { image: options })).toMatchObject({ inferenceDetail: 'auto' });
  expect(shown).toEqual([]);
  const detailed = { image: options, detail: 'low', isForAgent: true } as const;
  expect(await framePicture(frame, detailed)).toMatchObject({ inferenceDetail: 'low' });
  expect(shown).toEqual([{ image, options, purpose: 'turn' }]);
});
