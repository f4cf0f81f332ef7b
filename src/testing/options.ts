import { choice, described, number, text, yesOrNo } from '../option-table.ts';

// The options of the kit, so that a wrong name or value is an error at once. The TSDoc of the
// options has the types and defaults that this table cannot express.

export const LOOPBACK_ROOM = {
  identity: text('agent'),
  name: text('loopback'),
  autoSubscribe: yesOrNo(true),
  speech: yesOrNo(false),
};

export const JOIN = {
  attributes: described('texts by name'),
  kind: described('a `ParticipantKind`'),
};

export const TEST_CAMERA = {
  width: described('pixels'),
  height: described('pixels'),
  fps: number(0, 0, 120, 'frames a second'),
  source: choice('camera', ['camera', 'screen']),
  name: text('test'),
};

export const VIDEO_FILE = {
  ...TEST_CAMERA,
  loop: yesOrNo(true),
  startMs: number(0, 0, Number.MAX_SAFE_INTEGER, 'ms'),
  ffmpeg: text('ffmpeg'),
};

const FAKE_SERVICE = {
  apiKey: described('a text'),
  reply: described('a function'),
  replyDelayMs: number(5, 0, 60_000, 'ms'),
  transcribe: described('a function'),
};

const DAY_MS = 86_400_000;

export const FAKE_GEMINI = {
  ...FAKE_SERVICE,
  knowsAllVideo: yesOrNo(true),
  sessionMs: number(900_000, 1, DAY_MS, 'ms'),
  videoSessionMs: number(120_000, 1, DAY_MS, 'ms'),
  connectionMs: number(600_000, 1, DAY_MS, 'ms'),
  goAwayMs: number(60_000, 0, DAY_MS, 'ms'),
};

export const FAKE_OPENAI = { ...FAKE_SERVICE, refusesPictures: yesOrNo(false) };

export const AVATAR_FAULTS = {
  startsAfter: described('ms'),
  refuses: described('`{ times, message }`'),
  joinsAfter: described('ms, or `null` for never'),
  hasNoVideo: yesOrNo(false),
  finish: described("`'never'`, `'early'`"),
  isDeaf: yesOrNo(false),
  losesTrailers: yesOrNo(false),
  clear: described("`'refused'`, `'unanswered'`"),
};

export const LIKENESS = { atLeast: number(0.85, 0, 1, '') };

export const STORY = {
  video: described('options of the `VideoSession`'),
  withoutVideo: yesOrNo(false),
  server: described('`{ url, apiKey, apiSecret }` of a LiveKit server'),
};
