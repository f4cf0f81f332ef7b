import { EventEmitter, once } from 'node:events';
import { llm } from '@livekit/agents';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OfflineReader } from '../../offline/reader.ts';
import { renderScene } from '../../src/testing/camera/scene.ts';

const SIZE = { width: 640, height: 360 };
const reader = new OfflineReader();
let zebra: VideoFrame;
let otter: VideoFrame;

beforeAll(async () => {
  reader.prewarm();
  zebra = await scene('ZEBRA 9035');
  otter = await scene('OTTER 3826');
});
afterAll(() => reader.aclose());

async function scene(text: string): Promise<VideoFrame> {
  const { picture } = await renderScene({ ...SIZE, text, style: 'person' });
  return picture.convert(VideoBufferType.RGBA);
}

function image(frame: VideoFrame): llm.ImageContent {
  return llm.createImageContent({ image: frame });
}

async function jpeg(frame: VideoFrame): Promise<llm.ImageContent> {
  const { width, height, data } = frame;
  const buffer = await sharp(data, { raw: { width, height, channels: 4 } })
    .jpeg({ quality: 75 })
    .toBuffer();
  return llm.createImageContent({ image: `data:image/jpeg;base64,${buffer.toString('base64')}` });
}

async function ask(...turns: llm.ChatContent[][]): Promise<string> {
  const chatCtx = llm.ChatContext.empty();
  for (const content of turns) chatCtx.addMessage({ role: 'user', content });
  const { text } = await reader.chat({ chatCtx }).collect();
  return text;
}

describe('OfflineReader', () => {
  test('OfflineReader answers in JSON if the prompt requires it', async () => {
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'system', content: 'Answer with JSON, and nothing else.' });
    chatCtx.addMessage({ role: 'user', content: ['Which words?', await jpeg(otter)] });
    const { text } = await reader.chat({ chatCtx }).collect();
    expect(JSON.parse(text)).toEqual({ text: 'OTTER 3826' });
  });

  test('OfflineReader reads a data URL and records the result', async () => {
    expect(await ask(['What is this?', await jpeg(zebra)])).toBe('I see: ZEBRA 9035');
    const request = reader.requests.at(-1);
    expect(request).toMatchObject({
      images: 1,
      userText: 'What is this?',
      answer: 'I see: ZEBRA 9035',
      cancelled: false,
      picture: { mimeType: 'image/jpeg', ...SIZE },
    });
    const [, base64 = ''] = request?.picture?.dataUrl.split(',') ?? [];
    expect(Buffer.from(base64, 'base64')).toHaveLength(request?.picture?.bytes ?? -1);
  });

  test('OfflineReader reads a VideoFrame, which the framework converts to a PNG', async () => {
    expect(await ask(['And now?', image(otter)])).toBe('I see: OTTER 3826');
    expect(reader.requests.at(-1)?.picture?.mimeType).toBe('image/png');
  });

  test('OfflineReader reads the newest picture, and counts all pictures', async () => {
    expect(await ask(['One', image(zebra)], ['Two', image(zebra), image(otter)])).toBe(
      'I see: OTTER 3826',
    );
    expect(reader.requests.at(-1)?.images).toBe(3);
  });

  test('OfflineReader reports no picture if only an older message has one', async () => {
    expect(await ask(['One', image(zebra)], ['Two'])).toBe('I see no picture');
    expect(reader.requests.at(-1)).toMatchObject({ images: 1, picture: null, userText: 'Two' });
  });

  test('OfflineReader invents nothing about a picture without text', async () => {
    const grey = Buffer.alloc(SIZE.width * SIZE.height * 4, 127);
    const blank = new VideoFrame(grey, SIZE.width, SIZE.height, VideoBufferType.RGBA);
    expect(await ask(['Now?', image(blank)])).toBe('I see a picture without text');
  });

  test('OfflineReader answers two requests at the same time, each about its own picture', async () => {
    const answers = await Promise.all([ask(['A', image(zebra)]), ask(['B', image(otter)])]);
    expect(answers).toEqual(['I see: ZEBRA 9035', 'I see: OTTER 3826']);
  });

  test('OfflineReader marks a discarded request, and keeps a bounded number of requests', async () => {
    const events = new EventEmitter();
    const bounded = new OfflineReader({ keep: 1, onRequest: () => events.emit('request') });
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: ['Old', image(zebra)] });
    const finished = once(events, 'request');
    bounded.chat({ chatCtx }).close();
    await finished;
    expect(bounded.requests).toMatchObject([{ cancelled: true, answer: '', userText: 'Old' }]);
    await bounded.chat({ chatCtx: llm.ChatContext.empty() }).collect();
    expect(bounded.requests).toMatchObject([{ answer: 'I see no picture' }]);
    await bounded.aclose();
  });

  test('OfflineReader ends while it reads, and does not start again', async () => {
    const ending = new OfflineReader();
    const failed = new Promise<Error>((resolve) => {
      ending.on('error', ({ error }) => resolve(error));
    });
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: [image(zebra)] });
    const collected = ending.chat({ chatCtx }).collect();
    await ending.aclose();
    await ending.aclose();
    expect((await failed).message).toBe('the reader is closed');
    expect((await collected).text).toBe('');
  });
});
