/**
 * Every option of the library with its default, range and unit. The checks read them, and
 * `docs/options.md` is checked against them. Limits that are not options are in `limits.ts`; the
 * pictures of realtime models are in the files of their providers, in `models/`.
 */
import {
  choice,
  defaultInWords,
  described,
  nested,
  number,
  optional,
  text,
  whole,
  yesOrNo,
} from './option-table.ts';

const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;
const DAY_MS = 86_400_000;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** The largest side that WebP allows, in pixels. No model uses more. */
export const MAX_SIDE = 16_383;

/**
 * The largest side of a turn's picture, in pixels: OpenAI scales larger ones down to it, Claude to
 * 1568. A 4K screen of text is 0.8 MB at this size and 2 MB at its own.
 */
export const TURN_SIDE = 2048;
/**
 * The same for a shared screen, if the model has a tool to look at its parts. A model that asks for
 * parts then gets 95 % of the text of a 1440p screen for less than half of the tokens of all its
 * pixels: `npm run bench -- --only screen`.
 */
export const OVERVIEW_SIDE = 1568;
/** The same for the overview of a screen whose text is read in its tiles. */
export const TILED_SIDE = 1024;
const TURN_SIDE_IN_WORDS = '2048, if neither is set';

const MODEL_PICTURE_IN_WORDS = 'JPEG 75 inside 1024x1024';
const detail = choice('auto', ['auto', 'high', 'low']);

export const BUDGET = {
  framesPerMinute: number(Number.POSITIVE_INFINITY, 1, NO_LIMIT, 'frames'),
  bytesPerMinute: number(Number.POSITIVE_INFINITY, 1, NO_LIMIT, 'bytes'),
  tokensPerMinute: number(Number.POSITIVE_INFINITY, 1, NO_LIMIT, 'tokens'),
};

export const INPUT = {
  source: described(
    "`'latest'`, `'camera'`, `'screen'`, `{ trackSid }`, `{ identity, source? }`",
    "`'latest'`",
  ),
  sources: described("`'camera'` and `'screen'`, each once", 'the one `source`'),
  mode: choice('sampled', ['off', 'onDemand', 'sampled']),
  sampler: described('a sampler, or a function', '`voiceActivitySampler()`'),
  image: described('`EncodeOptions`', "the model's, see below"),
  processors: described('processors, in order', 'none'),
  describe: described('`describePictures({ llm })`', 'none'),
  honest: yesOrNo(true),
  pauseWhenIdle: yesOrNo(false),
  budget: nested(BUDGET),
  stallAfterMs: number(5000, 100, HOUR_MS, 'ms'),
  lookTimeoutMs: number(2000, 1, TEN_MINUTES_MS, 'ms'),
};

/** Beside the options of `input.image`. */
export const INPUT_IMAGE = {
  screen: described('`EncodeOptions`', 'see below'),
};

/** Beside the options of `input.image.screen`. */
export const SCREEN_IMAGE = {
  tiles: optional(whole(undefined, 2, 9, 'tiles'), 'none'),
};

/** Each of `input.processors`. */
export const PROCESSOR = {
  maxFps: optional(number(undefined, 0.01, 120, 'frames a second'), 'no limit'),
  timeoutMs: number(1000, 1, 60_000, 'ms'),
};

/** `mask`. */
export const MASK = {
  style: choice('fill', ['fill', 'blur']),
  color: text('black'),
};

/** `describePictures`. */
export const DESCRIBE_PICTURES = {
  llm: described('an `llm.LLM` with image input', 'required'),
  timeoutMs: number(4000, 1, TEN_MINUTES_MS, 'ms'),
  cacheMs: number(60_000, 0, DAY_MS, 'ms'),
};

export const TURN = {
  maxFrameAgeMs: number(3000, 0, DAY_MS, 'ms'),
  attachBudgetMs: number(150, 1, 60_000, 'ms'),
  keepPictures: defaultInWords(whole(1, 0, 1000, 'pictures'), '1, or one for each source'),
  pictures: whole(1, 1, 16, 'pictures'),
  maxBytes: whole(4_000_000, 1, NO_LIMIT, 'bytes'),
  inferenceWidth: optional(whole(undefined, 1, MAX_SIDE, 'pixels'), TURN_SIDE_IN_WORDS),
  inferenceHeight: optional(whole(undefined, 1, MAX_SIDE, 'pixels'), TURN_SIDE_IN_WORDS),
  detail,
  image: described('`EncodeOptions`', 'JPEG 75 inside 2048x2048'),
};

export const RECONNECT = {
  attempts: whole(8, 1, 1000, 'attempts'),
  retryBaseMs: number(250, 1, HOUR_MS, 'ms'),
};

export const REALTIME = {
  keepPictures: whole(3, 1, 1000, 'pictures'),
  detail,
  reconnect: nested(RECONNECT),
};

export const AVATAR_LIMITS = {
  startTimeoutMs: number(10_000, 1, HOUR_MS, 'ms'),
  joinTimeoutMs: number(15_000, 1, HOUR_MS, 'ms'),
  maxAttempts: whole(5, 1, 1000, 'attempts'),
  retryBaseMs: number(1000, 1, HOUR_MS, 'ms'),
  graceMs: number(20_000, 1, HOUR_MS, 'ms'),
  playbackStartTimeoutMs: number(3000, 1, HOUR_MS, 'ms'),
  silentAfterMs: number(450, 1, HOUR_MS, 'ms'),
  finishSlackMs: number(3000, 1, HOUR_MS, 'ms'),
  clearTimeoutMs: number(1000, 1, HOUR_MS, 'ms'),
};

export const LIMITS = {
  connectTimeoutMs: number(15_000, 1, HOUR_MS, 'ms'),
  startTimeoutMs: number(30_000, 1, HOUR_MS, 'ms'),
  closeTimeoutMs: number(5000, 1, HOUR_MS, 'ms'),
};

/** `VideoSession`. */
export const SESSION = {
  room: described('the room of the job, `ctx.room`', 'required'),
  avatar: described('an avatar session, a function that makes one, `null`', 'none'),
  input: nested(INPUT),
  turn: nested(TURN),
  realtime: nested(REALTIME),
  avatarLimits: nested(AVATAR_LIMITS),
  limits: nested(LIMITS),
  control: choice('none', ['participant', 'none']),
  remoteSession: choice('closed', ['closed', 'framework']),
  inspect: described(
    '`true`, `false`, `InspectorOptions`, a function',
    'the value of `SIGHTLINE_INSPECT`',
  ),
};

/** `encodeFrame`. */
export const ENCODE = {
  format: choice('jpeg', ['jpeg', 'png', 'webp']),
  quality: whole(75, 1, 100, ''),
  resize: described('`{ width, height, strategy }`', "the frame's size"),
  enlarge: yesOrNo(true),
  maxBytes: whole(Number.POSITIVE_INFINITY, 1, NO_LIMIT, 'bytes'),
  timeoutMs: whole(5000, 1, TEN_MINUTES_MS, 'ms'),
  rotation: described('0, 90, 180, 270, a `VideoRotation`', "the frame's, else 0"),
};

export const RESIZE = {
  width: whole(undefined, 1, MAX_SIDE, 'pixels'),
  height: whole(undefined, 1, MAX_SIDE, 'pixels'),
  strategy: choice(undefined, [
    'skew',
    'scale_aspect_fit',
    'scale_aspect_cover',
    'center_aspect_fit',
    'center_aspect_cover',
  ]),
};

/** `toImageContent`. */
export const IMAGE_CONTENT = { detail };

/** The default picture of a chat model: the size that Google recommends and livekit-agents uses. */
export const MODEL_PICTURE = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
} as const;

/** A part of a frame keeps its resolution, unless it exceeds what models take. */
export const PART_PICTURE = {
  resize: { width: TURN_SIDE, height: TURN_SIDE, strategy: 'scale_aspect_fit' },
  enlarge: false,
} as const;

const fps = (by: number | undefined) => number(by, 0, 60, 'frames a second');

export const VOICE_ACTIVITY_SAMPLER = { speakingFps: fps(1), silentFps: fps(1 / 3) };

export const FIXED_RATE = { fps: fps(undefined) };

/** What counts as a scene change, for a watch and for the sampler `onChange`. */
export const SCENE_CHANGE = {
  threshold: optional(
    number(undefined, 0.005, 1, 'of the picture'),
    '0.03; for a screen, one line of text',
  ),
  settleMs: number(400, 0, 60_000, 'ms'),
};

export const ON_CHANGE = {
  threshold: SCENE_CHANGE.threshold,
  maxFps: fps(1),
  minFps: fps(1 / 30),
};

export const ADAPTIVE_SAMPLER = {
  ...VOICE_ACTIVITY_SAMPLER,
  threshold: optional(
    number(undefined, 0.001, 1, 'of the picture'),
    '0.02; for a screen, one line of text',
  ),
  keepAliveMs: number(60_000, 1000, HOUR_MS, 'ms'),
};

export const WATCH_QUESTION = {
  llm: described('an `llm.LLM` or `llm.RealtimeModel`', 'required'),
  question: text(undefined),
  answer: described('a zod schema, or a JSON schema', 'required'),
  when: described('a function of the answer', 'truthy, or has a truthy `act`'),
  image: described('`EncodeOptions`', "the model's, see above"),
};

export const CONFIRM = {
  looks: whole(1, 1, 1000, 'looks'),
  of: defaultInWords(whole(1, 1, 1000, 'looks'), 'as many as `looks`'),
  everyMs: number(500, 0, HOUR_MS, 'ms'),
  forMs: number(0, 0, HOUR_MS, 'ms'),
};

export const WATCH_BUDGET = {
  looksPerMinute: whole(30, 1, 3600, 'looks'),
  actsPerHour: whole(60, 0, 36_000, 'acts'),
};

export const WATCH_LIMITS = {
  lookTimeoutMs: number(5000, 1, HOUR_MS, 'ms'),
  decideTimeoutMs: number(15_000, 1, HOUR_MS, 'ms'),
  actTimeoutMs: number(60_000, 1, HOUR_MS, 'ms'),
  floorTimeoutMs: number(30_000, 1, HOUR_MS, 'ms'),
  backOffMs: number(1000, 1, HOUR_MS, 'ms'),
  maxBackOffMs: number(60_000, 1, HOUR_MS, 'ms'),
};

/** `VideoWatch`. */
export const WATCH = {
  everyMs: optional(number(undefined, 1, DAY_MS, 'ms'), 'no interval'),
  schedule: described("times such as `'09:00'`, cron expressions, or a function", 'none'),
  timeZone: described("an IANA name such as `'Europe/Berlin'`", "the machine's"),
  onSceneChange: described('`true`, `false`, `{ threshold, settleMs }`', '`false`'),
  decide: described('a detector, or `{ llm, question, answer, when, image }`', 'required'),
  confirm: nested(CONFIRM),
  act: described("`{ say }`, `{ reply }`, a function, `'event'`", 'required'),
  session: described('an `AgentSession`', "the VideoSession's"),
  floor: defaultInWords(
    choice('wait', ['wait', 'drop', 'ignore']),
    "`'wait'`; `'ignore'` for the act `'event'`",
  ),
  budget: nested(WATCH_BUDGET),
  limits: nested(WATCH_LIMITS),
  coolDownMs: number(10_000, 0, DAY_MS, 'ms'),
};

/** What `start` passes on to the agent session, which checks the values. */
export const START = {
  agent: described('a `voice.Agent`', 'required'),
  inputOptions: described('`RoomInputOptions`', "the framework's"),
  outputOptions: described('`RoomOutputOptions`', "the framework's"),
  record: described("the framework's recording", 'none'),
};

/** `look`. */
export const LOOK = {
  source: optional(choice(undefined, ['camera', 'screen']), 'the watched source'),
  participant: optional(text(undefined), 'the watched one'),
  region: described('`{ x, y, width, height }`, each 0 to 1', 'the whole frame'),
  maxSize: optional(whole(undefined, 1, MAX_SIDE, 'pixels'), "the frame's size"),
  frameId: optional(whole(undefined, 1, NO_LIMIT, ''), 'the newest that a model was shown'),
};

/** `createLookTool`. */
export const LOOK_TOOL = {
  name: text('look'),
  description: defaultInWords(
    text(
      "Takes one fresh picture of the user's video now. Call it before you speak of what is seen.",
    ),
    'a line that explains the tool',
  ),
  timeoutMs: number(5000, 1, TEN_MINUTES_MS, 'ms'),
  image: described('`EncodeOptions`', `${MODEL_PICTURE_IN_WORDS}; a screen as in a turn`),
  detail,
};

const share = () => number(undefined, 0, 1, 'of the picture');
const sideOfBox = optional(share(), 'a point');

/** `point`. */
export const POINT = {
  frameId: optional(whole(undefined, 0, NO_LIMIT, ''), 'the newest frame that the model was shown'),
  source: optional(choice(undefined, ['camera', 'screen']), 'the newest of both'),
  x: share(),
  y: share(),
  width: sideOfBox,
  height: sideOfBox,
  label: text(undefined),
};

const { frameId, ...PLACE } = POINT;

/** The arguments of the point tool. For the model, the id of a frame is the number of its picture. */
export const POINT_ARGUMENTS = { ...PLACE, frame: frameId };

/** `createPointTool`. */
export const POINT_TOOL = {
  name: text('point'),
  description: defaultInWords(
    text(
      "Marks a place in the user's video for the user to see, such as where to click. Call it when " +
        'you speak of one place in the picture.',
    ),
    'a line that explains the tool',
  ),
};

/** `VideoOutput`. */
export const VIDEO_OUTPUT = {
  width: whole(1280, 16, 8192, 'pixels'),
  height: whole(720, 16, 8192, 'pixels'),
  maxFps: number(15, 0.1, 60, 'pictures a second'),
  name: text('sightline-output'),
  source: choice('screen', ['camera', 'screen']),
};

/** `AvatarRunner`. */
export const AVATAR_RUNNER = {
  room: described('a room that the avatar has joined', 'required'),
  audio: described('an `AudioReceiver`', 'required'),
  video: described('a `VideoGenerator`', 'required'),
  options: described('`AvatarFormat`', 'required'),
  subscriptionTimeoutMs: number(2000, 1, HOUR_MS, 'ms'),
};

export const AVATAR_FORMAT = {
  width: whole(undefined, 2, 8192, 'pixels'),
  height: whole(undefined, 2, 8192, 'pixels'),
  fps: whole(undefined, 1, 120, 'pictures a second'),
  sampleRate: whole(undefined, 8000, 192_000, 'Hz'),
  channels: whole(undefined, 1, 2, 'channels'),
};

/** `LocalAvatar`. */
export const LOCAL_AVATAR = {
  url: described('an address', "the job's, or `LIVEKIT_URL`"),
  apiKey: described('a string', "the job's, or `LIVEKIT_API_KEY`"),
  apiSecret: described('a string', "the job's, or `LIVEKIT_API_SECRET`"),
  identity: text('sightline-avatar'),
  name: defaultInWords(text(''), 'none'),
  width: { ...AVATAR_FORMAT.width, default: 512 },
  height: { ...AVATAR_FORMAT.height, default: 512 },
  fps: { ...AVATAR_FORMAT.fps, default: 25 },
  startTimeoutMs: number(15_000, 1, TEN_MINUTES_MS, 'ms'),
};

/** `DataStreamAudioReceiver`. */
export const AUDIO_RECEIVER = {
  senderIdentity: optional(text(undefined), 'the first agent that sends speech'),
  idleTimeoutMs: number(10_000, 1, HOUR_MS, 'ms'),
  supersededTimeoutMs: number(500, 1, HOUR_MS, 'ms'),
  frameMs: number(20, 1, 1000, 'ms'),
  reportTimeoutMs: number(8000, 1, HOUR_MS, 'ms'),
  reportAttempts: whole(3, 1, 1000, 'attempts'),
};

/** `createInspector`, and the option `inspect`. */
export const INSPECTOR = {
  url: described('a WebSocket address', 'none'),
  port: optional(whole(undefined, 1, 65_535, ''), 'the port of `npx sightline inspect`'),
  token: described('the token that the inspector prints', 'none'),
  name: text('agent'),
  pixels: yesOrNo(false),
  maxBufferedBytes: number(4 * 1024 * 1024, 1, NO_LIMIT, 'bytes'),
  metricsEveryMs: number(1000, 1, HOUR_MS, 'ms'),
};

/** `startInspector`. */
export const INSPECTOR_SERVER = {
  port: whole(0, 0, 65_535, ''),
  pixels: yesOrNo(false),
  maxEvents: whole(20_000, 1, NO_LIMIT, 'events'),
  maxBytes: whole(32 * 1024 * 1024, 1, NO_LIMIT, 'bytes'),
};
