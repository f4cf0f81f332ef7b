/**
 * The users of all rooms, in one process: each room has a user with a camera, who types.
 *
 * Each room needs its own encoder, which costs more than all the rest. So the cameras are small,
 * and share one picture.
 *
 * Lines: `join URL TOKEN`, `meet ROOM`, `ask ROOM`, `frames`.
 */
import '../../src/testing/processes/quiet.ts';
import {
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoCodec,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { renderScene } from '../../src/testing/camera/scene.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { atRate } from '../../src/testing/processes/steady-rate.ts';
import { untilEvent, within } from '../../src/testing/waits.ts';
import { CAMERA } from './camera.ts';

const MEET_LIMIT_MS = 180_000;
const ANSWER_LIMIT_MS = 15_000;

/** Shown to all agents: an answer that contains it was given with a picture. */
const { picture } = await renderScene({ ...CAMERA, style: 'person' });
const pixels = Uint8Array.from(picture.data);
const frame = new VideoFrame(pixels, CAMERA.width, CAMERA.height, VideoBufferType.I420);
const source = new VideoSource(CAMERA.width, CAMERA.height);
let sent = 0;
const stop = atRate(CAMERA.fps, () => {
  // One row moves, so that each frame differs from the one before.
  pixels.fill(40 + (sent % 150), 0, CAMERA.width);
  source.captureFrame(frame);
  sent += 1;
});

class Visitor {
  readonly #room = new Room();
  #onAnswer: ((text: string) => void) | undefined;

  async join(url: string, token: string): Promise<void> {
    this.#room.registerTextStreamHandler('lk.transcription', async (reader, { identity }) => {
      const text = await reader.readAll();
      if (identity !== this.#room.localParticipant?.identity) this.#onAnswer?.(text);
    });
    await this.#room.connect(url, token, { autoSubscribe: false, dynacast: false });
    await this.#room.localParticipant?.publishTrack(
      LocalVideoTrack.createVideoTrack('camera', source),
      new TrackPublishOptions({
        source: TrackSource.SOURCE_CAMERA,
        videoCodec: VideoCodec.VP8,
        simulcast: false,
      }),
    );
  }

  /** Waits until an agent is there and listens. */
  meet(): Promise<void> {
    const events = [RoomEvent.ParticipantConnected, RoomEvent.ParticipantAttributesChanged];
    const isThere = () =>
      [...this.#room.remoteParticipants.values()].some(
        ({ attributes }) => attributes['lk.agent.state'] === 'listening',
      );
    return untilEvent('agent that listens', this.#room, events, isThere, MEET_LIMIT_MS);
  }

  /** A typed question: the time to its answer, and whether the answer had a picture. */
  async ask(): Promise<{ ms: number; seen: boolean }> {
    const answer = new Promise<string>((resolve) => {
      this.#onAnswer = resolve;
    });
    const askedAt = performance.now();
    await this.#room.localParticipant?.sendText('What can you see?', { topic: 'lk.chat' });
    const text = await within('answer', answer, ANSWER_LIMIT_MS);
    return { ms: performance.now() - askedAt, seen: text.includes(CAMERA.text) };
  }

  leave(): Promise<void> {
    return this.#room.disconnect();
  }
}

const visitors: Visitor[] = [];
/** Questions in other rooms run at the same time. */
let answers: { ms: number; seen: boolean }[] = [];
let missing = 0;

await answerLines(async (line) => {
  const [what, first = '', token = ''] = line.split(' ');
  if (what === 'join') {
    const visitor = new Visitor();
    await visitor.join(first, token);
    visitors.push(visitor);
    return {};
  }
  if (what === 'meet') {
    await visitors[Number(first)]?.meet();
    return {};
  }
  if (what === 'ask') {
    visitors[Number(first)]?.ask().then(
      (answer) => answers.push(answer),
      () => {
        missing += 1;
      },
    );
    return {};
  }
  const figures = { sent, answers, missing };
  [answers, missing] = [[], 0];
  return figures;
});
stop();
await Promise.allSettled(visitors.map((visitor) => visitor.leave()));
process.exit(0);
