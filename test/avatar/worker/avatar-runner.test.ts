import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import { AudioFrame, AudioSource, type VideoFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AudioReceiver, SpeechItem } from '../../../src/avatar/worker/audio-receiver.ts';
import type { PlaybackFinished } from '../../../src/avatar/worker/avatar-protocol.ts';
import { AvatarRunner } from '../../../src/avatar/worker/avatar-runner.ts';
import { HandoverQueue } from '../../../src/avatar/worker/handover-queue.ts';
import type { VideoGenerator } from '../../../src/avatar/worker/video-generator.ts';
import { greyFrame } from '../../../src/testing/camera/levels.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { until } from '../../../src/testing/waits.ts';

const RATE = 24_000;
/** The engine takes sound in pieces of 10 ms. */
const PIECE = RATE / 100;
const FORMAT = { width: 64, height: 64, fps: 10, sampleRate: RATE, channels: 1 };

async function* all<Item>(queue: HandoverQueue<Item>): AsyncGenerator<Item> {
  for (let item = await queue.next(); item; item = await queue.next()) yield item;
}

/** Speech that a test hands over. */
class HandReceiver extends EventEmitter implements AudioReceiver {
  readonly items = new HandoverQueue<SpeechItem>();
  readonly finished: PlaybackFinished[] = [];
  async start(): Promise<void> {}
  notifyPlaybackStarted(): void {}
  notifyPlaybackFinished(finished: PlaybackFinished): void {
    this.finished.push(finished);
  }
  async aclose(): Promise<void> {
    this.items.close();
  }
  [Symbol.asyncIterator] = () => all(this.items);
}

/** Plays what it takes at once, after one picture. */
class Echo implements VideoGenerator {
  readonly items = new HandoverQueue<VideoFrame | SpeechItem>();
  taken = 0;
  constructor() {
    this.items.push(greyFrame(1));
  }
  pushAudio(item: SpeechItem): void {
    this.taken += 1;
    this.items.push(item);
  }
  clearBuffer(): void {
    this.items.clear();
  }
  aclose(): void {
    this.items.close();
  }
  [Symbol.asyncIterator] = () => all(this.items);
}

let room: LoopbackRoom;
let runner: AvatarRunner;
let audio: HandReceiver;
let video: Echo;
/** Samples that reached the track. */
let played: number;

beforeEach(async () => {
  played = 0;
  const capture = AudioSource.prototype.captureFrame;
  vi.spyOn(AudioSource.prototype, 'captureFrame').mockImplementation(function (
    this: AudioSource,
    frame,
  ) {
    played += frame.samplesPerChannel;
    return capture.call(this, frame);
  });
  room = new LoopbackRoom({ speech: true });
  audio = new HandReceiver();
  video = new Echo();
  runner = new AvatarRunner({
    ...{ room: room.asRoom(), audio, video, options: FORMAT, subscriptionTimeoutMs: 1 },
  });
  await runner.start();
});
afterEach(async () => {
  await runner.aclose();
  await room.disconnect();
  vi.restoreAllMocks();
});

/** The agent speaks a segment of this length. */
function speak(ms: number): void {
  const samples = (RATE * ms) / 1000;
  audio.items.push(new AudioFrame(new Int16Array(samples), RATE, 1, samples));
  audio.items.push(new voice.AudioSegmentEnd());
}

test('the end of a segment is heard with it, and not before the next one', async () => {
  speak(15);
  await until('the end of the segment', () => audio.finished.length === 1);
  expect(played).toBe(2 * PIECE);
  expect(audio.finished).toEqual([{ playbackPosition: 0.015, interrupted: false }]);
  speak(20);
  await until('the end of the next segment', () => audio.finished.length === 2);
  expect(played).toBe(4 * PIECE);
});

test('each segment that a clear dropped unheard is reported once', async () => {
  audio.emit('clearBuffer', { unheardSegments: 2 });
  expect(audio.finished).toEqual([
    { playbackPosition: 0, interrupted: true },
    { playbackPosition: 0, interrupted: true },
  ]);
});

test('speech of another sample rate that was cleared is not heard with the next segment', async () => {
  const samples = RATE / 3 / 10;
  audio.items.push(new AudioFrame(new Int16Array(samples), RATE / 3, 1, samples));
  await until('the speech', () => video.taken > 0);
  audio.emit('clearBuffer', { unheardSegments: 0 });
  // The generator's clear ends a little later.
  await new Promise(setImmediate);
  const before = played;
  speak(20);
  await until('the end of the segment', () => audio.finished.length === 2);
  expect(played - before).toBe(2 * PIECE);
});
