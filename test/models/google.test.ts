import { type llm, log } from '@livekit/agents';
import { beforeEach, describe, expect, test, vi } from 'vitest';

type Google = typeof import('../../src/models/google.ts');

let google: Google;
let copies = 0;
beforeEach(async () => {
  // Each choice is logged once a process, and other tests share it: each test has its own copy.
  copies += 1;
  google = await import(/* @vite-ignore */ `../../src/models/google.ts?copy=${copies}`);
});

/** A model of the plugin, which has these options, set or not. */
const modelOf = (options: object) =>
  ({
    _options: {
      model: 'gemini-2.5-flash-native-audio-preview-12-2025',
      contextWindowCompression: undefined,
      realtimeInputConfig: undefined,
      mediaResolution: undefined,
      ...options,
    },
  }) as unknown as llm.RealtimeModel;

/** The texts that are logged meanwhile. */
function logged(level: 'info' | 'warn', act: () => void): string[] {
  const spy = vi.spyOn(log(), level).mockImplementation(() => {});
  try {
    act();
    return spy.mock.calls.map((call) => String(call.at(-1)));
  } finally {
    spy.mockRestore();
  }
}

describe('the settings for video that Sightline chooses for Gemini', () => {
  test('the settings for Gemini 2.5 are logged once, with their cost', () => {
    const lines = logged('info', () => {
      google.prepareVideo(modelOf({}));
      google.prepareVideo(modelOf({}));
    });
    expect(lines).toEqual([expect.stringMatching(/set for Gemini.*billed/)]);
  });

  test('no settings for Gemini are logged if all are the own ones of the user or the model', () => {
    const lines = logged('info', () => {
      google.prepareVideo(modelOf({ model: 'gemini-3.1-flash-live-preview' }));
      google.prepareVideo(
        modelOf({
          realtimeInputConfig: { turnCoverage: 'TURN_INCLUDES_ALL_INPUT' },
          mediaResolution: 'MEDIA_RESOLUTION_LOW',
        }),
      );
    });
    expect(lines).toEqual([]);
  });

  test('a Gemini model whose compression the user turned off keeps it off, which is logged once', () => {
    const model = modelOf({ contextWindowCompression: {} });
    const lines = logged('warn', () => {
      google.compressContext(model);
      google.compressContext(modelOf({ contextWindowCompression: null }));
    });
    expect(lines).toEqual([expect.stringMatching(/ends a session with video after two minutes/)]);
    expect(model).toMatchObject({ _options: { contextWindowCompression: {} } });
  });
});

/** The state of a socket that is open. */
const OPEN = 1;

test.each([
  ['sent', 32, 'sent'],
  ['held back', 128, 'backpressure'],
])('a picture is %s if %i KB wait in the socket of Gemini', (_, kilobytes, result) => {
  const sendRealtimeInput = vi.fn();
  const sink = google.googleVideoSink({
    activeSession: {
      sendRealtimeInput,
      conn: { ws: { readyState: OPEN, bufferedAmount: kilobytes * 1024 } },
    },
    sessionShouldClose: { isSet: false },
  } as unknown as Parameters<Google['googleVideoSink']>[0]);
  const image = { data: Buffer.of(1), mimeType: 'image/jpeg', width: 1, height: 1 } as const;
  expect(sink.push(image)).toBe(result);
  expect(sendRealtimeInput).toHaveBeenCalledTimes(result === 'sent' ? 1 : 0);
});
