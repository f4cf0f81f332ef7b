import { voice } from '@livekit/agents';
import sharp from 'sharp';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { crop, OptionError, type VideoSessionOptions } from '../../src/index.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { createLookTool, type LookToolOptions } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, type Stage, setStage, shownIn } from '../support/loopback.ts';

const SCREEN = { width: 640, height: 480 };
const LOWER_RIGHT = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
const UPPER_LEFT = { x: 0, y: 0, width: 0.5, height: 0.5 };

const camera = fileCamera({ ...SCREEN, source: 'screen' });
afterEach(endStages);

/** Black, and white in the lower right quarter. */
let quarter: Buffer;
let white: Buffer;
beforeAll(async () => {
  const plain = (size: typeof SCREEN, background: string) =>
    sharp({ create: { ...size, channels: 3, background } })
      .png()
      .toBuffer();
  white = await plain(SCREEN, 'white');
  const input = await plain({ width: 320, height: 240 }, 'white');
  quarter = await sharp(await plain(SCREEN, 'black'))
    .composite([{ input, left: 320, top: 240 }])
    .png()
    .toBuffer();
});

/** An agent with a look tool and a shared screen. Its turns have small pictures. */
async function screenStage(
  input: VideoSessionOptions['input'] = {},
  options: LookToolOptions = {},
) {
  const model = new RecordingLLM();
  const stage = setStage(camera, {
    model,
    video: { input, turn: { inferenceWidth: 64 } },
  });
  const tools = [createLookTool(stage.video, options)];
  await stage.video.start({ agent: new voice.Agent({ instructions: 'Look.', tools }) });
  await stage.cameraOn();
  return { stage, model };
}

/** The screen shows a picture. Resolves when it is the newest frame. */
async function show({ video }: Stage, picture: Buffer) {
  const seen = video.look();
  await camera.show(picture);
  return seen;
}

/** The same after the video was off: a frame that comes before the stream is open again is lost. */
async function showAgain({ video }: Stage, picture: Buffer) {
  const again = setInterval(() => void camera.show(picture), 100);
  return video.look().finally(() => clearInterval(again));
}

/** The model calls the tool during a turn, once or more. Returns the last answer of the tool. */
async function toolCall(
  { stage, model }: Awaited<ReturnType<typeof screenStage>>,
  ...calls: readonly Readonly<Record<string, unknown>>[]
) {
  model.replies.push(...calls.map((args) => ({ call: 'look', args })), 'I see it.');
  await stage.type('What is there?');
  const output = stage.session.history.items.findLast(
    (item) => item.type === 'function_call_output',
  );
  return output?.type === 'function_call_output' ? JSON.parse(output.output) : undefined;
}

test('a look at a region has the native pixels of the frame that the model was shown', async () => {
  const looking = await screenStage();
  const { stage, model } = looking;
  await show(stage, quarter);
  expect(await toolCall(looking, { region: LOWER_RIGHT })).toMatch(
    /^The part of the screen follows\. .* whole picture\. Its number is \d+\.$/,
  );
  const picture = await shownIn(model.last.ownPictures[0]);
  expect(picture).toMatchObject({ width: 320, height: 240 });
  expect(picture.level).toBeGreaterThan(8);
  // The picture of the turn, and the part.
  expect(stage.video.metrics().tokens.unknownPictures).toBe(2);
});

test('a region of a picture that is not kept is a part of a fresh frame, and the answer states it', async () => {
  const looking = await screenStage();
  const { stage, model } = looking;
  await show(stage, quarter);
  expect(await toolCall(looking, { region: UPPER_LEFT, frame: 100_000 })).toMatch(
    /^The part of the screen follows\. .* fresh picture, because picture 100000 is no longer kept/,
  );
  expect((await shownIn(model.last.ownPictures[0])).level).toBeLessThan(1);
});

test.each([
  [{ region: { ...LOWER_RIGHT, x: 0.8 } }, /^No picture: region .* reaches beyond the picture/],
  [{ region: { x: 0 } }, /^No picture: region .*use \{ x, y, width, height \}/],
  [{ region: LOWER_RIGHT, frame: -1 }, /^No picture: frame is -1/],
  [{ region: null, frame: null, source: null }, /^The picture of the screen follows/],
])('the tool answers the arguments %j with words that the model can use', async (args, answer) => {
  const looking = await screenStage();
  await show(looking.stage, quarter);
  expect(await toolCall(looking, args)).toMatch(answer);
});

test('a look of the application at a region has the frame that the model was shown, in any size', async () => {
  const { stage } = await screenStage();
  const { video } = stage;
  const { id } = await show(stage, quarter);
  await stage.type('What is there?');
  await show(stage, white);
  const part = await video.look({ source: 'screen', region: LOWER_RIGHT, maxSize: 80 });
  expect(part).toMatchObject({ id, wasShown: true, width: 80, height: 60, rotation: 0 });
  expect(part.frame).toMatchObject({ width: 80, height: 60 });
  await expect(video.look({ maxSize: 0 })).rejects.toThrow(OptionError);
  await expect(video.look({ part: 1 } as never)).rejects.toThrow(/part is not an option/);
});

test('a look at a region without a picture that the model was shown is fresh', async () => {
  const { stage } = await screenStage();
  await show(stage, quarter);
  const part = await stage.video.look({ region: LOWER_RIGHT });
  expect(part).toMatchObject({ wasShown: false, width: 320, height: 240 });
});

test('a region of a frame that was taken away is not shown', async () => {
  const { stage } = await screenStage();
  const { video } = stage;
  await show(stage, quarter);
  await stage.type('What is there?');
  const part = await video.look({ region: LOWER_RIGHT });
  video.setMode('off');
  await expect(part.encode()).rejects.toThrow(/taken away/);
  await expect(video.look({ region: LOWER_RIGHT })).rejects.toThrow(/video is off/);
  video.setMode('sampled');
  await showAgain(stage, white);
  expect(await video.look({ region: UPPER_LEFT })).toMatchObject({ wasShown: false });
});

test('a region is a part of what the processors let through', async () => {
  const { stage } = await screenStage({ processors: [crop(LOWER_RIGHT)] });
  await show(stage, quarter);
  await stage.type('What is there?');
  const part = await stage.video.look({ region: UPPER_LEFT });
  expect(part).toMatchObject({ wasShown: true, width: 160, height: 120 });
  expect(part.frame.data[0]).toBeGreaterThan(200);
  stage.video.setProcessors([]);
  expect(await stage.video.look({ region: UPPER_LEFT })).toMatchObject({ wasShown: false });
});

test('a region of a picture that the tool has cropped is the same region of the frame', async () => {
  // The middle of the screen: x 80 to 560 of 640 pixels.
  const square = { width: 48, height: 48, strategy: 'center_aspect_cover' } as const;
  const looking = await screenStage({}, { image: { resize: square } });
  const { stage, model } = looking;
  await show(stage, quarter);
  await toolCall(looking, {}, { region: LOWER_RIGHT });
  const picture = await shownIn(model.last.ownPictures[0]);
  expect(picture).toMatchObject({ width: 240, height: 240 });
  expect(picture.level).toBeGreaterThan(8);
});

test('a region on the black bars of a picture is refused', async () => {
  const wide = { width: 64, height: 16, strategy: 'center_aspect_fit' } as const;
  const looking = await screenStage({}, { image: { resize: wide } });
  await show(looking.stage, quarter);
  const bar = { x: 0, y: 0, width: 0.2, height: 1 };
  const answer = await toolCall(looking, {}, { region: bar });
  expect(answer).toMatch(/^No picture: region is empty, or/);
});

test('a look shows a screen as a turn does, and in the format of the tool if it has one', async () => {
  const screen = {
    format: 'png',
    resize: { width: 320, height: 320, strategy: 'scale_aspect_fit' },
  } as const;
  const formatOf = async (options: LookToolOptions, args: Readonly<Record<string, unknown>>) => {
    const looking = await screenStage({ image: { screen } }, options);
    await show(looking.stage, quarter);
    await toolCall(looking, args);
    const { format, width } = await shownIn(looking.model.last.ownPictures[0]);
    return { format, width };
  };
  expect(await formatOf({}, {})).toEqual({ format: 'png', width: 320 });
  expect(await formatOf({}, { region: { ...UPPER_LEFT, width: 1 } })).toEqual({
    ...{ format: 'png', width: 640 },
  });
  expect(await formatOf({ image: { format: 'webp' } }, {})).toEqual({
    ...{ format: 'webp', width: 640 },
  });
});
