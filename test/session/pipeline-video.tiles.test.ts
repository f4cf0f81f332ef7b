import * as openai from '@livekit/agents-plugin-openai';
import { afterEach, expect, test } from 'vitest';
import { describePictures } from '../../src/models/describe-pictures.ts';
import { tokenRule } from '../../src/models/picture-tokens.ts';
import type {
  InputImageOptions,
  TurnOptions,
  VideoInputOptions,
} from '../../src/session/options.ts';
import { isPicture } from '../../src/testing/recorded-request.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { WAIT_LIMIT_MS } from '../../src/testing/waits.ts';
import { createLookTool } from '../../src/watch/look-tool.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, frameIdOf, nextEvent, setStage, shownIn } from '../support/loopback.ts';
import { BodyRecorder } from '../support/wire/body-recorder.ts';

const screen = fileCamera({ width: 640, height: 320, source: 'screen' });
const camera = fileCamera({ width: 640, height: 320 });
afterEach(endStages);

const SMALL = { width: 160, height: 160, strategy: 'scale_aspect_fit' } as const;
const TILED: InputImageOptions = { screen: { tiles: 4, resize: SMALL } };

/** The labels of a screen and its tiles, as a request has them. */
const LABELS = [
  'picture 1: screen, overview: places and regions refer to this picture',
  'picture 2: screen, part 1 of 4: top left',
  'picture 3: screen, part 2 of 4: top right',
  'picture 4: screen, part 3 of 4: bottom left',
  'picture 5: screen, part 4 of 4: bottom right',
];
const [OVERVIEW, ...PARTS] = ['160x80', '352x192', '352x192', '352x192', '352x192'];

interface Options {
  readonly source?: typeof screen;
  readonly input?: VideoInputOptions;
  readonly turn?: TurnOptions;
  readonly model?: RecordingLLM;
}

/** A user who shares a screen with an agent whose model gets tiles. */
async function sharing({ source = screen, input, turn, model }: Options = {}) {
  const patient = { attachBudgetMs: WAIT_LIMIT_MS, maxFrameAgeMs: WAIT_LIMIT_MS };
  const stage = setStage(source, {
    ...(model && { model }),
    video: {
      input: { image: TILED, ...input },
      turn: { ...patient, ...turn },
    },
  });
  createLookTool(stage.video);
  await stage.start();
  await stage.cameraOn();
  return stage;
}

/** The user's messages of the last request: texts, and the sizes of pictures. */
async function turnsOf(model: RecordingLLM): Promise<string[][]> {
  const users = model.last.messages.filter(({ role }) => role === 'user');
  const sizeOf = async (picture: Parameters<typeof shownIn>[0]) => {
    const { width, height } = await shownIn(picture);
    return `${width}x${height}`;
  };
  return Promise.all(
    users.map(({ parts }) =>
      Promise.all(parts.map((part) => (isPicture(part) ? sizeOf(part) : part))),
    ),
  );
}

const labelled = [OVERVIEW, ...PARTS].flatMap((size, at) => [LABELS[at], size]);

test('a turn shows a large screen as an overview and labelled tiles of one frame', async () => {
  const stage = await sharing();
  const { id } = await stage.show(6);
  await stage.type('What is there?');
  expect(await turnsOf(stage.model)).toEqual([['What is there?', ...labelled]]);
  const { ownPictures } = stage.model.last;
  expect(ownPictures.map(frameIdOf)).toEqual(Array(5).fill(id));
  for (const picture of ownPictures)
    expect(await shownIn(picture)).toMatchObject({ level: 6, format: 'jpeg' });
});

test('the overview of a screen fits inside 1024x1024 by default, and a screen of 2048 needs none', async () => {
  const stage = await sharing({ input: { image: { screen: { tiles: 2 } } } });
  await stage.show(6, { width: 2560, height: 640 });
  await stage.type('What is there?');
  const [, , overview, , left] = (await turnsOf(stage.model))[0] ?? [];
  expect([overview, left]).toEqual(['1024x256', '1312x640']);
  await stage.show(4, { width: 2048, height: 512 });
  await stage.type('And now?');
  expect((await turnsOf(stage.model))[1]).toEqual(['And now?', '2048x512']);
});

test('a camera has no tiles', async () => {
  const stage = await sharing({ source: camera, input: { image: { ...TILED } } });
  await stage.show(6);
  await stage.type('What is there?');
  expect(await turnsOf(stage.model)).toEqual([['What is there?', '640x320']]);
});

test('a screen whose tiles exceed the bytes of a turn is one picture', async () => {
  const stage = await sharing({ turn: { maxBytes: 1000 } });
  await stage.show(6);
  await stage.type('What is there?');
  expect(await turnsOf(stage.model)).toEqual([['What is there?', '160x80']]);
});

test('the next turn replaces a screen and its tiles with one line', async () => {
  const stage = await sharing();
  await stage.show(6);
  await stage.type('What is there?');
  await stage.show(8);
  await stage.type('And now?');
  const [before, now] = await turnsOf(stage.model);
  expect(before).toEqual([
    'What is there?',
    LABELS[0],
    expect.stringMatching(/^\[a picture of the screen at [\d:]+ UTC, no longer shown\]$/),
  ]);
  expect(now).toEqual(['And now?', ...labelled]);
});

test('a screen and its tiles count as one of the pictures that a request keeps', async () => {
  const stage = await sharing({ turn: { keepPictures: 2 } });
  for (const level of [2, 4, 6]) {
    await stage.show(level);
    await stage.type(`What is number ${level}?`);
  }
  const [first, second, third] = await turnsOf(stage.model);
  expect(first).toHaveLength(3);
  expect(second).toEqual(['What is number 4?', ...labelled]);
  expect(third).toEqual(['What is number 6?', ...labelled]);
});

test('video that is switched off takes the tiles of a screen out of the history too', async () => {
  const stage = await sharing();
  await stage.show(6);
  await stage.type('What is there?');
  const history = () => JSON.stringify(stage.agent.chatCtx.items);
  expect(history().match(/data:image/g)).toHaveLength(5);
  stage.video.setMode('off');
  expect(history()).not.toContain('data:image');
  expect(history().match(/no longer shown/g)).toHaveLength(5);
});

test('a screen that is taken away before its turn is sent goes with all its tiles', async () => {
  const stage = await sharing();
  await stage.show(6);
  stage.video.on('turn.ready', () => stage.video.setMode('off'));
  const withdrawn = nextEvent(stage.video, 'turn.withdrawn');
  await stage.type('What is there?');
  await withdrawn;
  expect(stage.model.last.pictures).toEqual([]);
});

test('bytes and tokens are those of the overview and all tiles, and the frame counts once', async () => {
  const stage = await sharing({ model: new RecordingLLM('gpt-4o') });
  await stage.show(6);
  const cleared = nextEvent(stage.video, 'turn.cleared');
  await stage.type('What is there?');
  await cleared;
  const { ownPictures } = stage.model.last;
  const sizes = await Promise.all(ownPictures.map(shownIn));
  const rule = tokenRule({ name: 'gpt-4o', isRealtime: false });
  const bytesOf = ({ image }: (typeof ownPictures)[number]) =>
    Buffer.from(String(image).split(',')[1] ?? '', 'base64').length;
  const { tokens, bytesSent } = stage.video.metrics();
  expect(tokens.estimated).toBe(sizes.reduce((sum, size) => sum + (rule?.(size, 'auto') ?? 0), 0));
  expect(bytesSent).toBe(ownPictures.reduce((sum, one) => sum + bytesOf(one), 0));
  await stage.video.close();
  expect(stage.video.metrics().frames).toMatchObject({ received: 1, sent: 1, pending: 0, held: 0 });
});

test('a region that the model names is a part of the overview, at the resolution of the screen', async () => {
  const stage = await sharing();
  const { id } = await stage.show(6);
  const cleared = nextEvent(stage.video, 'turn.cleared');
  await stage.type('What is there?');
  await cleared;
  const region = { x: 0.5, y: 0.5, width: 0.25, height: 0.5 };
  const part = await stage.video.look({ source: 'screen', region, frameId: id });
  expect(part).toMatchObject({ id, wasShown: true, region, width: 160, height: 160 });
});

test('a model that describes a screen for another one gets its tiles', async () => {
  const eyes = new RecordingLLM();
  const stage = await sharing({
    model: new RecordingLLM('gpt-3.5-turbo'),
    input: { describe: describePictures({ llm: eyes }) },
  });
  await stage.show(6);
  await stage.type('What is there?');
  expect(await turnsOf(eyes)).toEqual([['What is there?', ...labelled]]);
  expect(stage.model.last.text).toMatch(/\[What the screen shows at [\d:]+ UTC: Yes\.\]$/);
});

test('the openai plugin sends the pictures of a screen and their labels in this order', async () => {
  const recorder = new BodyRecorder();
  const baseURL = await recorder.listen();
  const stage = await sharing();
  await stage.show(6);
  await stage.type('What is there?');
  const sender = new openai.LLM({ apiKey: 'k', baseURL, model: 'gpt-4o' });
  const body = await recorder.bodyOf(sender, stage.agent.chatCtx);
  await recorder.close();
  const { messages } = body as { messages: { role: string; content: unknown }[] };
  const content = messages.find(({ role }) => role === 'user')?.content;
  const image = { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image/) } };
  expect(content).toEqual([
    ...Array(5).fill(expect.objectContaining({ type: image.type })),
    { type: 'text', text: ['What is there?', ...LABELS].join('\n') },
  ]);
});

test.each([1, 10, 2.5])('%f tiles are an error that names the option', (tiles) => {
  expect(() => setStage(screen, { video: { input: { image: { screen: { tiles } } } } })).toThrow(
    expect.objectContaining({ option: 'input.image.screen.tiles' }),
  );
});
