// Runs in a project that has the package and nothing else of this repository.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { initializeLogger } from '@livekit/agents';
import { dispose, VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import * as sightline from 'sightline';
import * as client from 'sightline/client';
import * as inspect from 'sightline/inspect';
import * as machines from 'sightline/machines';
import * as testing from 'sightline/testing';
import { createActor } from 'xstate';

initializeLogger({ pretty: false, level: 'silent' });

const { VideoSession, VideoWatch, LocalAvatar, AvatarRunner, onChange } = sightline;
for (const part of [VideoSession, VideoWatch, LocalAvatar, AvatarRunner, onChange])
  assert.equal(typeof part, 'function');
assert.equal(typeof client.findAgent, 'function');

// The encoder has native and WebAssembly parts.
const frame = new VideoFrame(new Uint8Array(96 * 64 * 4).fill(128), 96, 64, VideoBufferType.RGBA);
const { data, mimeType } = await sightline.encodeFrame(frame);
assert.equal(mimeType, 'image/jpeg');
assert.ok(data.length > 100);

// A machine runs, and any program can start it.
const watch = createActor(machines.turnCompletionMachine, {
  input: {
    requestId: 1,
    requestedAt: 0,
    frame: null,
    frameExpected: false,
    maxFrameAgeMs: 1,
    attachBudgetMs: 1,
    commitTimeoutMs: 1,
  },
}).start();
assert.equal(watch.getSnapshot().value, 'nothingToAttach');

// A file of the package that is started by its path, not imported.
const process_ = new URL(
  './node_modules/sightline/dist/avatar/worker/local-avatar-process.js',
  import.meta.url,
);
assert.ok(existsSync(process_), 'the avatar has its process');

// What tests of an agent need, without a test runner and without a browser.
const room = new testing.LoopbackRoom();
room.join(testing.USER);
const camera = new testing.TestCamera({ width: 320, height: 240 });
camera.show(3);
await camera.close();
for (const part of [testing.RecordingLLM, testing.TestAvatar, testing.Ears, testing.looksLike])
  assert.equal(typeof part, 'function');
const fake = new testing.FakeGeminiLive();
const { baseUrl } = await fake.listen();
assert.match(baseUrl, /^http/);
await fake.close();

// The inspector serves its page from the package.
const inspector = await inspect.startInspector();
const page = await fetch(inspector.url);
assert.equal(page.status, 200);
assert.match(await page.text(), /<html/i);
await inspector.close();

await dispose();
process.exit(0);
