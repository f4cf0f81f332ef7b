import { voice } from '@livekit/agents';
import { type Room, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import type { SpeechOutput } from './playback.ts';

/** Name of the track that the framework publishes for an agent without an avatar. */
const TRACK_NAME = 'roomio_audio';

/** Audio that is handed to the engine ahead of its time, in ms: what an interruption may still let through. */
const QUEUE_MS = 200;

/**
 * The agent's own voice in the room. Its track is published only while it speaks for itself:
 * frontends take the agent's track where there is one, and would play silence beside the avatar.
 */
export class RoomVoice {
  readonly #room: Room;
  readonly #sampleRate: number;
  readonly #onError: (error: unknown) => void;
  #output: voice.ParticipantAudioOutput | undefined;
  #publishing = new AbortController();

  constructor(room: Room, sampleRate: number, onError: (error: unknown) => void) {
    this.#room = room;
    this.#sampleRate = sampleRate;
    this.#onError = onError;
  }

  /** Publishes the track; what is spoken waits until somebody has subscribed to it. */
  open(): SpeechOutput {
    if (!this.#output) {
      this.#output = new voice.ParticipantAudioOutput(this.#room, {
        sampleRate: this.#sampleRate,
        numChannels: 1,
        trackPublishOptions: new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
        queueSizeMs: QUEUE_MS,
      });
      this.#publishing = new AbortController();
      this.#output.start(this.#publishing.signal).catch(this.#onError);
    }
    const output = this.#output;
    return { kind: 'voice', output, clear: () => output.clearBuffer() };
  }

  /** Takes the track back. */
  async close(): Promise<void> {
    const output = this.#output;
    this.#output = undefined;
    if (!output) return;
    this.#publishing.abort();
    const { localParticipant } = this.#room;
    try {
      for (const { sid, name } of localParticipant?.trackPublications.values() ?? [])
        if (name === TRACK_NAME && sid) await localParticipant?.unpublishTrack(sid);
      await output.close();
    } catch (error) {
      this.#onError(error);
    }
  }
}
