import { type LocalVideoTrack, type Room, VideoStream } from '@livekit/rtc-node';
import { LookError, type Region, VideoOutput, type VideoSession, VideoWatch } from '../../index.ts';
import type { PictureLike } from '../pictures/picture.ts';
import { RecordingLLM } from '../recording-llm.ts';
import type { StoryRecord } from './record.ts';
import type { Shared } from './steps.ts';

/** Half of it is a part that a mask hides. */
const CENTRE: Region = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };

/** Interval between two looks of the watch, in ms. */
const WATCH_EVERY_MS = 100;
/** A look at nothing fails. The next one follows soon, because a story takes seconds. */
const WATCH_LIMITS = { lookTimeoutMs: 500, backOffMs: 50, maxBackOffMs: 200 };

/** Large enough for a picture of a story in both orientations. */
const OUTPUT = { width: 96, height: 96, maxFps: 60, name: 'story-output' };
/** The engine sends blank frames of 8 pixels before and after those of a track. */
const BLANK = 8;

export interface ApplicationDeps {
  readonly video: VideoSession;
  /** The agent's. */
  readonly room: Room;
  readonly record: StoryRecord;
  /** Whether the pictures that the application gets are recorded. */
  readonly isMasked: boolean;
}

/** What the application of a story does with the video, besides the conversation. */
export class Application {
  readonly #deps: ApplicationDeps;
  /** The model of the watch. */
  readonly #model = new RecordingLLM();
  #watch: VideoWatch<string> | undefined;
  #output: VideoOutput | undefined;
  #viewing: Promise<void> | undefined;

  constructor(deps: ApplicationDeps) {
    this.#deps = deps;
  }

  /** Takes the newest frame, and publishes it if there is an output. */
  async takeLatest(step: number): Promise<void> {
    const seen = await this.#deps.video.latestFrame();
    if (!seen) return;
    this.#hand(step, 'latestFrame()', seen);
    await this.#output?.show(seen);
  }

  /** Looks at the source, and at a part of it. */
  async look(step: number, what: Shared | undefined): Promise<void> {
    const { video, isMasked } = this.#deps;
    const source = what ? { source: what } : {};
    try {
      this.#hand(step, 'look()', await video.look(source));
      if (isMasked)
        this.#hand(step, 'look({ region })', await video.look({ ...source, region: CENTRE }));
    } catch (error) {
      // Expected if the video is off or nothing is shared.
      if (!(error instanceof LookError)) throw error;
    }
  }

  /** Starts a watch, which acts after each look. */
  watch(step: number): void {
    const watch = new VideoWatch<string>(this.#deps.video, {
      everyMs: WATCH_EVERY_MS,
      onSceneChange: true,
      decide: { llm: this.#model, question: 'What is there?', answer: { type: 'string' } },
      act: 'event',
      coolDownMs: 0,
      budget: { looksPerMinute: 3600, actsPerHour: 36_000 },
      limits: WATCH_LIMITS,
    });
    watch.on('acted', ({ frame }) => this.#hand(step, 'an act of the watch', frame));
    watch.start();
    this.#watch = watch;
  }

  /** Publishes each picture that it takes from now on. */
  async publish(step: number): Promise<void> {
    const { room } = this.#deps;
    const output = new VideoOutput(room, OUTPUT);
    await output.start();
    this.#output = output;
    const published = [...(room.localParticipant?.trackPublications.values() ?? [])];
    const { track } = published.find(({ name }) => name === OUTPUT.name) ?? {};
    if (track) this.#viewing = this.#view(step, track as LocalVideoTrack);
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#watch?.stop();
    for (const { pictures } of this.#model.requests)
      for (const picture of pictures) this.#hand(0, 'the model of the watch', picture);
    await this.#model.aclose();
    await this.#output?.close();
    await this.#viewing;
  }

  /** Records what viewers get, until the output closes. */
  async #view(step: number, track: LocalVideoTrack): Promise<void> {
    // Not cancelled, because that leaks native frames. The stream ends with the track.
    for await (const { frame } of new VideoStream(track))
      if (frame.width > BLANK) this.#hand(step, 'the output', frame);
  }

  #hand(step: number, by: string, picture: PictureLike): void {
    const { record, isMasked } = this.#deps;
    if (isMasked) record.handed.push({ step, by, picture });
  }
}
