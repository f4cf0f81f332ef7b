import { setTimeout as sleep } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';

/** The longest wait of speech after the first subscription to its track, in ms. */
const MAX_LEAD_IN_MS = 1000;

/**
 * The framework's output for a track of the agent. The framework speaks as soon as the server reports
 * a subscription, which is before the listener can play: on a busy machine, the first words are lost.
 * Here, speech waits as long again as it took to publish the track and to get the report.
 */
export class RoomVoiceOutput extends voice.ParticipantAudioOutput {
  #interruptions = 0;
  #leadIn: Promise<void> = Promise.resolve();

  /** Publishes the track, and waits until a participant has subscribed to it. */
  override start(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const leadInMs = () => Math.min(performance.now() - startedAt, MAX_LEAD_IN_MS);
    const started = super.start(signal);
    this.#leadIn = started
      .then(() => sleep(leadInMs(), undefined, { signal }))
      // Without a track, the framework's output waits itself; the caller reports why.
      .catch(() => {});
    return started;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    const interruptions = this.#interruptions;
    await this.#leadIn;
    if (interruptions === this.#interruptions) await super.captureFrame(frame);
  }

  override clearBuffer(): void {
    this.#interruptions += 1;
    super.clearBuffer();
  }
}
