import { type Room, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import { publicationOf } from '../internals/agents.ts';
import { doneWithin } from '../time-limit.ts';
import { RoomVoiceOutput } from './room-voice-output.ts';
import type { SpeechOutput } from './speech-output.ts';

/** Audio that is queued ahead in the engine, in ms; an interruption cannot stop this part. */
const QUEUE_MS = 200;

/** How long closing waits for a track that is still being published, in ms. */
const PUBLISH_LIMIT_MS = 2000;

interface Opened {
  output: RoomVoiceOutput;
  publishing: AbortController;
  /** Resolves when the track is published and subscribed, or no longer needed. */
  started: Promise<void>;
}

/**
 * The agent's own voice in the room. Its track is published only while the agent speaks itself:
 * frontends prefer the agent's track, and would play its silence instead of the avatar.
 */
export class RoomVoice {
  readonly #room: Room;
  readonly #sampleRate: number;
  readonly #onError: (error: unknown) => void;
  #opened: Opened | undefined;
  #closing: NodeJS.Timeout | undefined;

  constructor(room: Room, sampleRate: number, onError: (error: unknown) => void) {
    this.#room = room;
    this.#sampleRate = sampleRate;
    this.#onError = onError;
  }

  /** Publishes the track. Speech waits until a participant has subscribed to it. */
  open(): SpeechOutput {
    clearTimeout(this.#closing);
    this.#opened ??= this.#publish();
    const { output } = this.#opened;
    return {
      kind: 'voice',
      output,
      reportsStart: true,
      reportsEnd: true,
      clear: async () => {
        output.clearBuffer();
        return true;
      },
      close: () => {},
    };
  }

  /** Unpublishes the track after this time in ms, unless it is opened again. */
  closeIn(ms: number): void {
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => void this.close(), ms);
  }

  /** Unpublishes the track, even if publishing is still in progress. Never throws. */
  async close(): Promise<void> {
    clearTimeout(this.#closing);
    const opened = this.#opened;
    this.#opened = undefined;
    if (!opened) return;
    opened.publishing.abort();
    const withdrawn = this.#withdraw(opened).catch(this.#onError);
    await doneWithin(PUBLISH_LIMIT_MS, withdrawn);
  }

  #publish(): Opened {
    const output = new RoomVoiceOutput(this.#room, {
      sampleRate: this.#sampleRate,
      numChannels: 1,
      trackPublishOptions: new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
      queueSizeMs: QUEUE_MS,
    });
    const publishing = new AbortController();
    const started = output.start(publishing.signal).catch(this.#onError);
    return { output, publishing, started };
  }

  async #withdraw({ output, started }: Opened): Promise<void> {
    // A published track may wait for a subscriber without end; otherwise publishing is still in
    // progress.
    if (!publicationOf(output)) await started;
    const { sid } = publicationOf(output) ?? {};
    if (sid && this.#room.isConnected) await this.#room.localParticipant?.unpublishTrack(sid);
    await output.close();
  }
}
