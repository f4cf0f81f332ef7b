import { beforeAll, describe, expect, test } from 'vitest';
import { rtcEngine } from '../../src/internals/rtc-engine.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { bindings, client } from './rtc-parts.ts';

/**
 * What Sightline relies on in `@livekit/rtc-node`, below its public API. A version without one of
 * these fails here with its name; frames then come through the public `VideoStream`.
 */

// The first use starts the engine.
beforeAll(() => new TestCamera().close());

describe('rtc-node has', () => {
  test.each(['request', 'copyBuffer', 'on', 'off'])(
    'rtc-node has its client of the native library at globalThis._ffiClientInstance, with %s',
    (method) => {
      expect(client(), '_ffiClientInstance').toBeTypeOf('object');
      expect(Reflect.get(client(), method), method).toBeTypeOf('function');
    },
  );

  test('rtc-node has its bindings where its own package resolves them', () => {
    expect(rtcEngine()?.bindings).toBe(bindings);
    expect(rtcEngine()?.client).toBe(client());
  });
});
