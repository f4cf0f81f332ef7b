import { expect, test } from 'vitest';
import { UnsupportedModelError } from '../../src/errors.ts';
import { RealtimeSessions } from '../../src/models/realtime-sessions.ts';
import { VoiceOnlyRealtime } from '../../src/testing/story/voice-only-realtime.ts';

test.each([
  [true, 'stays open if the conversation continues without pictures'],
  [false, 'is closed if that ends the conversation'],
])('the session of a model that takes no pictures (%s) %s', (continues) => {
  const sessions = new RealtimeSessions({
    options: {},
    reconnect: { attempts: 1, retryBaseMs: 1 },
    beforeText: async () => [],
    beforeRepeat: async () => {},
    onUnsupported: () => continues,
    onRefused: () => {},
    onLife: () => {},
  });
  const model = new VoiceOnlyRealtime();
  sessions.watch(model);
  if (continues) expect(model.session()).toBe(model.last);
  else expect(() => model.session()).toThrow(UnsupportedModelError);
  expect(model.last?.closed).toBe(!continues);
  sessions.close();
});
