import { llm } from '@livekit/agents';
import { beforeAll, describe, expect, test } from 'vitest';
import { followRequests, withdrawPicture } from '../../src/internals/withdrawn-picture.ts';

const FORMATS = ['openai', 'openai.responses', 'google'] as const;
const TEXT = '[no longer shown]';
/** More than it takes to write a request of two pictures, in microtasks. */
const LONGEST = 40;

function contextWith(...bytes: string[]) {
  const pictures = bytes.map((data) =>
    llm.createImageContent({ image: `data:image/jpeg;base64,${data}` }),
  );
  const context = new llm.ChatContext();
  context.addMessage({ role: 'user', content: ['What is it?', ...pictures] });
  return { context, pictures };
}

async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

/**
 * What Sightline relies on in `@livekit/agents`: each provider's format reads it as a line of text.
 */
test.each(FORMATS)(
  'a withdrawn picture is a line of text in the format of %s, also in copies',
  async (format) => {
    const { context, pictures } = contextWith('QUJD');
    const copy = context.copy();
    expect(JSON.stringify(await copy.toProviderFormat(format))).toContain('QUJD');
    for (const picture of pictures) withdrawPicture(picture, TEXT);
    for (const one of [context, copy]) {
      const body = JSON.stringify(await one.toProviderFormat(format));
      expect(body).not.toContain('QUJD');
      expect(body).toContain(TEXT);
      expect(body).toContain('What is it?');
    }
    for (const picture of pictures) {
      expect(picture).not.toHaveProperty('image');
      expect(JSON.stringify(picture)).toBe(JSON.stringify(TEXT));
    }
  },
);

test.each([
  ['openai', { type: 'text', text: TEXT }],
  ['openai.responses', { type: 'input_text', text: TEXT }],
  ['google', { text: TEXT }],
] as const)(
  'a picture that is withdrawn from a written request in the format of %s is a text of that format',
  async (format, part) => {
    followRequests();
    const { context, pictures } = contextWith('QUJD');
    const request = await context.toProviderFormat(format);
    for (const picture of pictures) withdrawPicture(picture, TEXT);
    expect(JSON.stringify(request)).toContain(JSON.stringify(part));
  },
);

describe.each(FORMATS)('in a request in the format of %s', (format) => {
  beforeAll(followRequests);

  test('a picture that is withdrawn while it is written, or before it is sent, is a line of text', async () => {
    for (let after = 0; after < LONGEST; after++) {
      const { context, pictures } = contextWith('QUJD', 'REVG');
      const writing = context.toProviderFormat(format);
      await microtasks(after);
      for (const picture of pictures) withdrawPicture(picture, TEXT);
      const body = JSON.stringify(await writing);
      expect(body).not.toMatch(/QUJD|REVG/);
      expect(body.split(TEXT)).toHaveLength(3);
    }
  });

  test('a picture that is withdrawn from one request is in none, and other pictures stay', async () => {
    const { context, pictures } = contextWith('QUJD', 'REVG');
    const requests = [
      await context.toProviderFormat(format),
      await context.copy().toProviderFormat(format),
    ];
    const [first] = pictures;
    if (first) withdrawPicture(first, TEXT);
    for (const request of requests) {
      const body = JSON.stringify(request);
      expect(body).not.toContain('QUJD');
      expect(body).toContain('REVG');
    }
  });

  test.each([0, 1])(
    'a request loses both pictures of the same bytes if one is withdrawn: number %i',
    async (number) => {
      const { context, pictures } = contextWith('QUJD', 'QUJD');
      const request = await context.toProviderFormat(format);
      const withdrawn = pictures[number];
      if (withdrawn) withdrawPicture(withdrawn, TEXT);
      expect(JSON.stringify(request)).not.toContain('QUJD');
    },
  );

  test('a picture that is withdrawn twice keeps the text of the first time', async () => {
    const { context, pictures } = contextWith('QUJD');
    const request = await context.toProviderFormat(format);
    for (const picture of pictures) withdrawPicture(picture, TEXT);
    const once = JSON.stringify(request);
    for (const picture of pictures) withdrawPicture(picture, 'another');
    expect(JSON.stringify(request)).toBe(once);
  });
});
