import { AssertionError } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { VideoBufferType } from '@livekit/rtc-node';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { TextReader } from '../../offline/text-reader.ts';
import { encodeFrame } from '../../src/index.ts';
import { textInBox } from '../../src/testing/camera/letters.ts';
import { greyFrame } from '../../src/testing/camera/levels.ts';
import { pictureFrame } from '../../src/testing/camera/picture-frame.ts';
import { assertShows, judgePicture } from '../../src/testing/pictures/judge.ts';
import {
  assertLooksLike,
  greyLevel,
  likeness,
  looksLike,
} from '../../src/testing/pictures/likeness.ts';
import { assertShowsText, textIn } from '../../src/testing/pictures/reading.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';

const COFFEE = fileURLToPath(new URL('../../examples/testing/coffee.jpg', import.meta.url));
const CAT = fileURLToPath(new URL('../data/photos/cat.jpg', import.meta.url));

const ocr = new TextReader();
const readText = (png: Buffer) => ocr.read(png);
afterAll(() => ocr.close());

/** A white page with a text. */
async function page(text: string, ink = '#101010'): Promise<Buffer> {
  const size = { width: 640, height: 240 };
  const box = { left: 40, top: 40, width: 560, height: 160 };
  return sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
    .composite(await textInBox(text, box, ink))
    .png()
    .toBuffer();
}

describe('the likeness of pictures', () => {
  test.each([
    ['small', { resize: { width: 160, height: 160, strategy: 'scale_aspect_fit' } }],
    ['of low quality', { quality: 30 }],
    ['a PNG', { format: 'png' }],
  ] as const)('likeness is high for a frame that was encoded %s', async (_, options) => {
    const image = await encodeFrame(await pictureFrame(COFFEE), options);
    expect(await likeness(image, COFFEE)).toBeGreaterThan(0.9);
    expect(await looksLike(image, COFFEE)).toBe(true);
  });

  test('likeness is low for another photo, and for the same one turned, mirrored or recoloured', async () => {
    const others = [
      await readFile(CAT),
      await sharp(COFFEE).rotate(180).toBuffer(),
      await sharp(COFFEE).flop().toBuffer(),
      await sharp(COFFEE).negate({ alpha: false }).toBuffer(),
      await sharp(COFFEE).tint('#00ff00').toBuffer(),
    ];
    for (const other of others) expect(await likeness(other, COFFEE)).toBeLessThan(0.7);
  });

  test('likeness distinguishes pages with other words', async () => {
    const one = await page('ZEBRA 4711');
    expect(await looksLike(await sharp(one).jpeg().toBuffer(), one)).toBe(true);
    expect(await looksLike(await page('OTTER 1234'), one)).toBe(false);
    expect(await looksLike(await page(''), one)).toBe(false);
    const faint = '#e0e0e0';
    expect(await looksLike(await page('OTTER 1234', faint), await page('ZEBRA 4711', faint))).toBe(
      false,
    );
  });

  test('likeness accepts files, URLs, bytes, data URLs, frames and turned frames', async () => {
    const bytes = await readFile(COFFEE);
    const frame = await pictureFrame(COFFEE);
    const onItsSide = await pictureFrame(await sharp(bytes).rotate(270).toBuffer());
    const pictures = [
      COFFEE,
      new URL('../../examples/testing/coffee.jpg', import.meta.url),
      bytes,
      new Uint8Array(bytes),
      { data: bytes },
      `data:image/jpeg;base64,${bytes.toString('base64')}`,
      frame,
      frame.convert(VideoBufferType.RGBA),
      { frame: onItsSide, rotation: 1 },
    ];
    for (const picture of pictures) expect(await looksLike(picture, COFFEE)).toBe(true);
  });

  test('greyLevel recognizes the levels of a camera, and finds none in a photo', async () => {
    expect(await greyLevel(greyFrame(7))).toBe(7);
    expect(await greyLevel(COFFEE)).toBeUndefined();
    expect(await greyLevel(await page('A'))).toBeUndefined();
    const red = { width: 8, height: 8, channels: 3, background: '#602020' } as const;
    expect(await greyLevel(await sharp({ create: red }).png().toBuffer())).toBeUndefined();
    expect(await looksLike(greyFrame(7), 7)).toBe(true);
    expect(await looksLike(greyFrame(7), 8)).toBe(false);
  });

  test('assertLooksLike fails with an error that states how alike the pictures are', async () => {
    await assertLooksLike(COFFEE, COFFEE);
    await assertLooksLike(greyFrame(3), 3);
    await expect(assertLooksLike(CAT, COFFEE)).rejects.toThrow(/alike by 0\.\d\d, .* 0\.85/);
    await expect(assertLooksLike(greyFrame(3), 4)).rejects.toThrow('shows level 3, not level 4');
    await expect(assertLooksLike(CAT, 4)).rejects.toThrow('more than one colour');
    await expect(assertLooksLike(undefined, 4)).rejects.toThrow('there is no picture');
    await expect(assertLooksLike(CAT, COFFEE)).rejects.toBeInstanceOf(AssertionError);
    expect(await looksLike(undefined, COFFEE)).toBe(false);
  });
});

describe('the text in a picture', () => {
  test('textIn returns the text that an OCR finds', async () => {
    const picture = await encodeFrame(await pictureFrame(await page('ZEBRA 4711')));
    expect(await textIn(picture, readText)).toBe('ZEBRA 4711');
    await assertShowsText(picture, 'zebra  4711', readText);
    await assertShowsText(picture, /^ZEBRA \d+$/, readText);
    await expect(assertShowsText(picture, 'OTTER', readText)).rejects.toThrow(
      'the picture shows "ZEBRA 4711", not OTTER',
    );
    await expect(assertShowsText(undefined, 'OTTER', readText)).rejects.toThrow(
      'there is no picture',
    );
  });

  test('textIn refuses a value that is no picture', async () => {
    await expect(textIn('no-such.png', readText)).rejects.toMatchObject({
      code: 'testing-picture',
    });
  });
});

describe('a judge', () => {
  const intent = 'a cup of coffee';

  test('judgePicture sends the picture to a model, and returns a verdict', async () => {
    const judge = new RecordingLLM();
    judge.replies.push('```json\n{"passed": true, "reason": "It is a cup."}\n```');
    const verdict = await judgePicture(COFFEE, { llm: judge, intent });
    expect(verdict).toEqual({ passed: true, reason: 'It is a cup.' });
    expect(judge.last.text).toContain(intent);
    expect(await looksLike(judge.last.pictures[0], COFFEE)).toBe(true);
  });

  test("judgePicture fails the test with the judge's reason", async () => {
    const judge = new RecordingLLM();
    judge.replies.push('{"passed": false, "reason": "It is a cat."}', '{"passed": true}');
    await expect(assertShows(CAT, { llm: judge, intent })).rejects.toThrow(
      'the picture does not show a cup of coffee: It is a cat.',
    );
    await assertShows(COFFEE, { llm: judge, intent });
    await expect(assertShows(undefined, { llm: judge, intent })).rejects.toThrow('no picture');
  });

  test('judgePicture fails with a separate error if the judge returns no verdict', async () => {
    const judge = new RecordingLLM();
    judge.replies.push('I cannot see pictures.', '{"passed": "yes"}');
    for (let count = 0; count < 2; count++)
      await expect(judgePicture(CAT, { llm: judge, intent })).rejects.toMatchObject({
        code: 'testing-judge',
        remedy: expect.stringContaining('takes pictures'),
      });
  });
});
