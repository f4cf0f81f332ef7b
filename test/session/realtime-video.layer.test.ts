import type { voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import type { FrameGate } from '../../src/frames/gate.ts';
import { MetricsCollector } from '../../src/session/metrics.ts';
import { RealtimeVideo } from '../../src/session/realtime-video.ts';
import { SessionReporter } from '../../src/session/reporter.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';

test.each([
  [320, 180, 'low'],
  [180, 320, 'low'],
  [640, 180, 'medium'],
  [360, 640, 'medium'],
  [1280, 320, 'high'],
  [320, 1280, 'high'],
] as const)(
  'frames of %i times %i pixels are requested in the %s layer',
  (width, height, layer) => {
    const resize = { width, height, strategy: 'scale_aspect_fit' } as const;
    const metrics = new MetricsCollector();
    const video = new RealtimeVideo({
      session: {} as voice.AgentSession,
      options: resolveOptions({ room: new LoopbackRoom(), input: { image: { resize } } }),
      gate: {} as FrameGate,
      metrics,
      reporter: new SessionReporter(metrics),
      showNewest: async () => {},
      onUnsupported: () => false,
    });
    expect(video.layer).toBe(layer);
    video.close();
  },
);
