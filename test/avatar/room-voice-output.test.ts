import { voice } from '@livekit/agents';
import { AudioFrame, type Room, TrackPublishOptions } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoomVoiceOutput } from '../../src/avatar/room-voice-output.ts';
import { type Deferred, deferred } from '../../src/testing/simulated-clock.ts';

const FRAME = new AudioFrame(new Int16Array(480), 24_000, 1, 480);
/** How much earlier than asked a timer of Node.js may end, in ms. */
const EARLY_MS = 2;

let subscribed: Deferred<void>;
let output: RoomVoiceOutput;
let publishing: AbortController;
const spoken = vi.spyOn(voice.ParticipantAudioOutput.prototype, 'captureFrame');

beforeEach(() => {
  spoken.mockClear();
  subscribed = deferred();
  const publication = { waitForSubscription: () => subscribed.promise };
  const room = { localParticipant: { publishTrack: async () => publication } };
  output = new RoomVoiceOutput(room as unknown as Room, {
    ...{ sampleRate: 24_000, numChannels: 1, queueSizeMs: 200 },
    trackPublishOptions: new TrackPublishOptions(),
  });
  publishing = new AbortController();
});
afterEach(async () => {
  publishing.abort();
  await output.close();
});

test('the first word waits as long again as the track took to be heard, and the next one does not', async () => {
  const started = output.start(publishing.signal);
  // Between what the output measures itself, so that a busy machine does not make it longer here.
  const startedAt = performance.now();
  const first = output.captureFrame(FRAME);
  let subscribedAt = 0;
  setTimeout(() => {
    subscribedAt = performance.now();
    subscribed.resolve();
  }, 100);
  await started;
  expect(spoken).not.toHaveBeenCalled();
  await first;
  const tookMs = subscribedAt - startedAt;
  expect(performance.now() - subscribedAt).toBeGreaterThanOrEqual(tookMs - EARLY_MS);
  expect(spoken).toHaveBeenCalledOnce();
  const next = output.captureFrame(FRAME);
  await Promise.resolve();
  expect(spoken).toHaveBeenCalledTimes(2);
  await next;
});

test('an interruption before the first word is heard drops it', async () => {
  const started = output.start(publishing.signal);
  const words = output.captureFrame(FRAME);
  setTimeout(subscribed.resolve, 20);
  await started;
  output.clearBuffer();
  await words;
  expect(spoken).not.toHaveBeenCalled();
  await output.captureFrame(FRAME);
  expect(spoken).toHaveBeenCalledOnce();
});

test('the end of a voice ends the wait of its first word', async () => {
  vi.spyOn(performance, 'now').mockReturnValueOnce(-10_000);
  const started = output.start(publishing.signal);
  const words = output.captureFrame(FRAME);
  subscribed.resolve();
  await started;
  publishing.abort();
  await words;
  expect(spoken).toHaveBeenCalledOnce();
});
