import { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { withdrawPicture } from '../../src/internals/withdrawn-picture.ts';

/** What Sightline relies on in `@livekit/agents`: each provider's format reads it as a line of text. */
test.each(['openai', 'openai.responses', 'google'] as const)(
  'a picture that is withdrawn is a line of text in the format of %s, also in copies',
  async (format) => {
    const picture = llm.createImageContent({ image: 'data:image/jpeg;base64,QUJD' });
    const context = new llm.ChatContext();
    context.addMessage({ role: 'user', content: ['What is it?', picture] });
    const copy = context.copy();
    expect(JSON.stringify(await copy.toProviderFormat(format))).toContain('QUJD');
    withdrawPicture(picture, '[no longer shown]');
    for (const one of [context, copy]) {
      const body = JSON.stringify(await one.toProviderFormat(format));
      expect(body).not.toContain('QUJD');
      expect(body).toContain('[no longer shown]');
      expect(body).toContain('What is it?');
    }
  },
);
