// The thread of `face-detector.ts`. Plain JavaScript, so that Node.js runs it without a loader.
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { parentPort } from 'node:worker_threads';
import wasm from '@tensorflow/tfjs-backend-wasm';
import faceapi from '@vladmandic/face-api/dist/face-api.node-wasm.js';
import sharp from 'sharp';

/** Longer side of the picture that the model gets, in pixels. A multiple of 32. */
const INPUT_SIZE = 512;
/** Low on purpose: a face that stays visible is worse than a wall that is hidden. */
const MIN_SCORE = 0.3;

const { tf, nets } = faceapi;
const { resolve } = createRequire(import.meta.url);
wasm.setWasmPaths(dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep);
await tf.setBackend('wasm');
await nets.tinyFaceDetector.loadFromDisk(
  join(dirname(resolve('@vladmandic/face-api/package.json')), 'model'),
);
const options = new faceapi.TinyFaceDetectorOptions({
  inputSize: INPUT_SIZE,
  scoreThreshold: MIN_SCORE,
});

parentPort.on('message', async (picture) => {
  try {
    parentPort.postMessage({ faces: await facesIn(picture) });
  } catch (error) {
    parentPort.postMessage({ problem: String(error) });
  }
});
// The first search also prepares the model.
const grey = sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey' } });
await facesIn(await grey.png().toBuffer());
parentPort.postMessage('ready');

async function facesIn(picture) {
  const { data, info } = await sharp(picture)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = tf.tensor3d(data, [info.height, info.width, info.channels], 'int32');
  try {
    const found = await faceapi.detectAllFaces(pixels, options);
    return found.map(({ relativeBox: { x, y, width, height } }) => ({ x, y, width, height }));
  } finally {
    pixels.dispose();
  }
}
