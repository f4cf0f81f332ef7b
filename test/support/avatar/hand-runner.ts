import { EventEmitter } from 'node:events';
import { voice } from '@livekit/agents';
import { AudioFrame, type VideoFrame } from '@livekit/rtc-node';
import type { AudioReceiver, SpeechItem } from '../../../src/avatar/worker/audio-receiver.ts';
import type { PlaybackFinished } from '../../../src/avatar/worker/avatar-protocol.ts';
import { HandoverQueue } from '../../../src/avatar/worker/handover-queue.ts';
import type { VideoGenerator } from '../../../src/avatar/worker/video-generator.ts';
import { greyFrame } from '../../../src/testing/camera/levels.ts';

export const RATE = 24_000;
export const FORMAT = { width: 64, height: 64, fps: 10, sampleRate: RATE, channels: 1 };

async function* all<Item>(queue: HandoverQueue<Item>): AsyncGenerator<Item> {
  for (let item = await queue.next(); item; item = await queue.next()) yield item;
}

/** Speech that a test hands over to an avatar, and the avatar's reports. */
export class HandReceiver extends EventEmitter implements AudioReceiver {
  readonly items = new HandoverQueue<SpeechItem>();
  readonly finished: PlaybackFinished[] = [];
  starts = 0;
  closes = 0;

  async start(): Promise<void> {}

  notifyPlaybackStarted(): void {
    this.starts += 1;
  }

  notifyPlaybackFinished(finished: PlaybackFinished): void {
    this.finished.push(finished);
  }

  async aclose(): Promise<void> {
    this.closes += 1;
    this.items.close();
  }

  /** A segment of this length. */
  speak(ms: number): void {
    const samples = (RATE * ms) / 1000;
    this.items.push(new AudioFrame(new Int16Array(samples), RATE, 1, samples));
    this.items.push(new voice.AudioSegmentEnd());
  }

  [Symbol.asyncIterator](): AsyncGenerator<SpeechItem> {
    return all(this.items);
  }
}

/** Plays what it takes at once, after one picture. */
export class Echo implements VideoGenerator {
  readonly items = new HandoverQueue<VideoFrame | SpeechItem>();
  readonly taken: SpeechItem[] = [];
  closes = 0;

  constructor() {
    this.items.push(greyFrame(1));
  }

  pushAudio(item: SpeechItem): Promise<void> | void {
    this.taken.push(item);
    this.items.push(item);
  }

  clearBuffer(): Promise<void> | void {
    this.items.clear();
  }

  aclose(): void {
    this.closes += 1;
    this.items.close();
  }

  [Symbol.asyncIterator](): AsyncGenerator<VideoFrame | SpeechItem> {
    return all(this.items);
  }
}
