import { expect, test } from 'vitest';
import { UnsupportedModelError } from '../../src/errors.ts';
import { VoiceOnlyRealtime } from '../../src/testing/story/voice-only-realtime.ts';
import { sessionsWith } from '../support/realtime-sessions.ts';

test.each([
  [true, 'stays open if the conversation continues without pictures'],
  [false, 'is closed if that ends the conversation'],
])('the session of a model that takes no pictures (%s) %s', (continues) => {
  const sessions = sessionsWith({ onUnsupported: () => continues });
  const model = new VoiceOnlyRealtime();
  sessions.watch(model);
  if (continues) expect(model.session()).toBe(model.last);
  else expect(() => model.session()).toThrow(UnsupportedModelError);
  expect(model.last?.closed).toBe(!continues);
  sessions.close();
});
