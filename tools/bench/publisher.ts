/**
 * A user who shares a camera, in a separate process: a real track of 1280x720, 30 frames a second,
 * in VP8. Its picture costs almost nothing to draw: a pan over a larger one, with the time of each
 * frame in its corner.
 *
 * All agents share one track. With a track for each agent, the encoding would take more than the
 * measured work, and a small machine would not keep up.
 */
import '../../src/testing/processes/quiet.ts';
import {
  LocalVideoTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoCodec,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { sleep } from '../../src/testing/measure/stats.ts';
import { answerLines } from '../../src/testing/processes/answer-lines.ts';
import { atRate } from '../../src/testing/processes/steady-rate.ts';
import { naturalFrames } from './frames/scenes.ts';
import { writeStamp } from './streams/stamp.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 30;
/** Extra rows of the larger picture, over which the pan moves to and fro. */
const PAN_ROWS = 64;
/** Even, since the colour planes have half the height. */
const PAN_STEP = 2;
/** Of one track, in bits a second: what a browser sends at this size. */
const BITRATE = 1_700_000n;
/** Time until the bandwidth estimate allows the full size. */
const SETTLE_MS = 4000;

/** The picture at this moment. */
class Pan {
  readonly frame: VideoFrame;
  readonly #pixels = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
  readonly #planes: { from: Uint8Array; at: number; stride: number; down: number; rows: number }[];
  #shown = 0;

  constructor(larger: Uint8Array) {
    this.frame = new VideoFrame(this.#pixels, WIDTH, HEIGHT, VideoBufferType.I420);
    const luma = WIDTH * (HEIGHT + PAN_ROWS);
    const plane = (start: number, at: number, down: number) => ({
      from: larger.subarray(start, start + luma / (down * down)),
      at,
      stride: WIDTH / down,
      down,
      rows: HEIGHT / down,
    });
    const size = WIDTH * HEIGHT;
    this.#planes = [
      plane(0, 0, 1),
      plane(luma, size, 2),
      plane(luma + luma / 4, size + size / 4, 2),
    ];
  }

  next(): VideoFrame {
    const steps = PAN_ROWS / PAN_STEP;
    const phase = this.#shown++ % (2 * steps);
    const row = PAN_STEP * (phase < steps ? phase : 2 * steps - phase);
    for (const { from, at, stride, down, rows } of this.#planes) {
      const start = (row / down) * stride;
      this.#pixels.set(from.subarray(start, start + rows * stride), at);
    }
    writeStamp(this.#pixels, WIDTH, Date.now());
    return this.frame;
  }
}

const [larger] = await naturalFrames(WIDTH, HEIGHT + PAN_ROWS, 1);
if (!larger) throw new Error('there is no picture');
const pan = new Pan(larger.data);
const room = new Room();
const source = new VideoSource(WIDTH, HEIGHT);
const stop = atRate(FPS, () => source.captureFrame(pan.next()));

/** `share URL TOKEN`: joins that room, and shares the camera in it. */
await answerLines(async (line) => {
  const [, url = '', token = ''] = line.split(' ');
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  await room.localParticipant?.publishTrack(
    LocalVideoTrack.createVideoTrack('camera', source),
    new TrackPublishOptions({
      source: TrackSource.SOURCE_CAMERA,
      videoCodec: VideoCodec.VP8,
      simulcast: false,
      videoEncoding: { maxBitrate: BITRATE, maxFramerate: FPS },
    }),
  );
  await sleep(SETTLE_MS);
  return {};
});
stop();
await room.disconnect();
process.exit(0);
