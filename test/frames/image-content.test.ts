import { llm } from '@livekit/agents';
import { beforeAll, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { encodeFrame } from '../../src/frames/encode.ts';
import { toDataUrl, toImageContent } from '../../src/frames/image-content.ts';
import { chartFrame } from '../support/frames/chart.ts';

let image: EncodedImage;

beforeAll(async () => {
  image = await encodeFrame(chartFrame('I420', { width: 64, height: 48 }), { format: 'webp' });
});

it('toDataUrl returns a data URL of the same bytes', () => {
  const [head, body] = toDataUrl(image).split(',');
  expect(head).toBe('data:image/webp;base64');
  expect(Buffer.from(body ?? '', 'base64')).toEqual(image.data);
});

it('toImageContent returns content that the framework sends unchanged', async () => {
  const content = toImageContent(image, { detail: 'low' });
  expect(content).toMatchObject({ type: 'image_content', inferenceDetail: 'low' });
  expect(await llm.serializeImage(content)).toEqual({
    inferenceDetail: 'low',
    mimeType: 'image/webp',
    base64Data: image.data.toString('base64'),
  });
});

it('toImageContent leaves the detail to the model and sets a unique id', () => {
  expect(toImageContent(image).inferenceDetail).toBe('auto');
  expect(toImageContent(image).id).not.toBe(toImageContent(image).id);
});

it.each([
  [Buffer.of(1, 2), 'of class Buffer'],
  [undefined, 'undefined'],
  ['data:image/png;base64,AA==', '"data:image/png;base64,AA=="'],
  [{ data: Buffer.of(1) }, 'of type object'],
])('a value that is no encoded picture is refused with a remedy: %#', (given, what) => {
  for (const make of [toDataUrl, toImageContent]) {
    expect(() => make(given as EncodedImage)).toThrow(OptionError);
    expect(() => make(given as EncodedImage)).toThrow(
      `image is ${what}: give what encodeFrame() returns, { data, mimeType }`,
    );
  }
});
