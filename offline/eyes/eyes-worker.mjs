// The thread of `offline-eyes.ts`. Plain JavaScript, so that Node.js runs it without a loader.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import wasm from '@tensorflow/tfjs-backend-wasm';
import faceapi from '@vladmandic/face-api/dist/face-api.node-wasm.js';
import sharp from 'sharp';

/** Width and height of the picture for the model of objects, in pixels. */
const OBJECTS_SIZE = 512;
/** Longer side of the picture for the model of faces, in pixels. A multiple of 32. */
const FACES_SIZE = 512;
const MIN_OBJECT_SCORE = 0.3;
/** Of what is hardly ever in front of a laptop: otherwise a red disc is a stop sign. */
const MIN_STREET_SCORE = 0.6;
const STREET = new Set(['traffic light', 'fire hydrant', 'stop sign', 'parking meter']);
const MIN_FACE_SCORE = 0.5;
/** Two boxes of one kind that share this much are one object. */
const MAX_OVERLAP = 0.4;
const MAX_OBJECTS = 20;

/** The kinds of objects of the COCO data set, in the order of the model. */
const KINDS = (
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,' +
  'stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,' +
  'backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,' +
  'baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,' +
  'banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,' +
  'bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,' +
  'refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush'
).split(',');

const { tf, nets } = faceapi;
const { resolve } = createRequire(import.meta.url);
wasm.setWasmPaths(dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep);
await tf.setBackend('wasm');
await nets.tinyFaceDetector.loadFromDisk(
  join(dirname(resolve('@vladmandic/face-api/package.json')), 'model'),
);
const faceOptions = new faceapi.TinyFaceDetectorOptions({
  inputSize: FACES_SIZE,
  scoreThreshold: MIN_FACE_SCORE,
});
const objectModel = await tf.loadGraphModel({ load: loadObjectModel });

parentPort.on('message', async ({ id, picture }) => {
  try {
    parentPort.postMessage({
      id,
      objects: await objectsIn(picture),
      faces: await facesIn(picture),
    });
  } catch (error) {
    parentPort.postMessage({ id, problem: String(error) });
  }
});
parentPort.postMessage('ready');

/** Folder of the package `@vladmandic/human`. */
async function loadObjectModel() {
  const folder = join(workerData.folder, 'models');
  const [model, weights] = await Promise.all([
    readFile(join(folder, 'centernet.json'), 'utf8').then(JSON.parse),
    readFile(join(folder, 'centernet.bin')),
  ]);
  return {
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: Uint8Array.from(weights).buffer,
    signature: model.signature,
    userDefinedMetadata: model.userDefinedMetadata,
  };
}

async function pixelsOf(image) {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, info.channels], 'int32');
}

async function facesIn(picture) {
  const pixels = await pixelsOf(
    sharp(picture).resize(FACES_SIZE, FACES_SIZE, { fit: 'inside', withoutEnlargement: true }),
  );
  try {
    const found = await faceapi.detectAllFaces(pixels, faceOptions);
    return found.map(({ relativeBox: { x, y, width, height } }) => ({ x, y, width, height }));
  } finally {
    pixels.dispose();
  }
}

async function objectsIn(picture) {
  const pixels = await pixelsOf(sharp(picture).resize(OBJECTS_SIZE, OBJECTS_SIZE, { fit: 'fill' }));
  const found = tf.tidy(() =>
    objectModel.execute(tf.expandDims(tf.cast(pixels, 'float32')), ['tower_0/detections']),
  );
  try {
    const [rows] = await found.array();
    return strongest(rows);
  } finally {
    pixels.dispose();
    found.dispose();
  }
}

/** @param rows Left, top, right, bottom, score and kind. */
function strongest(rows) {
  const kept = [];
  for (const [left, top, right, bottom, score, kind] of rows.sort((a, b) => b[4] - a[4])) {
    const name = KINDS[kind];
    const enough = STREET.has(name) ? MIN_STREET_SCORE : MIN_OBJECT_SCORE;
    if (score < enough || name === undefined || kept.length === MAX_OBJECTS) continue;
    const box = {
      x: left / OBJECTS_SIZE,
      y: top / OBJECTS_SIZE,
      width: (right - left) / OBJECTS_SIZE,
      height: (bottom - top) / OBJECTS_SIZE,
    };
    if (kept.some((other) => other.name === name && overlap(other.box, box) > MAX_OVERLAP))
      continue;
    kept.push({ name, score, box });
  }
  return kept;
}

/** The shared part of two boxes, as a share of both together. */
function overlap(a, b) {
  const shared = (from, size) =>
    Math.max(0, Math.min(a[from] + a[size], b[from] + b[size]) - Math.max(a[from], b[from]));
  const both = shared('x', 'width') * shared('y', 'height');
  return both / (a.width * a.height + b.width * b.height - both);
}
