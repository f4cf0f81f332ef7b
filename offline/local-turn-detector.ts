import { createRequire } from 'node:module';
import { inference } from '@livekit/agents';

/** The part of `@livekit/local-inference` that is used. */
interface LocalInference {
  initEot(): void;
  predict(pcm: Int16Array): Promise<number>;
}

/**
 * The framework's end-of-turn model, run locally. A worker provides an executor in its own process;
 * without one, each pause counts as the end of a turn. This executor computes on libuv's threads,
 * so the event loop stays free.
 */
export function localTurnDetector(): inference.TurnDetector {
  const model = loadLocalInference();
  model.initEot();
  return new inference.TurnDetector({
    version: 'v1-mini',
    executor: {
      async doInference(method, data) {
        if (method !== 'lk_eot_audio') throw new Error(`no local model for ${method}`);
        const startedAt = performance.now();
        const probability = await model.predict(pcmOf(data));
        return { probability, inferenceDurationMs: performance.now() - startedAt };
      },
    },
  });
}

/** A dependency of the framework, resolved from there because it may be nested. */
function loadLocalInference(): LocalInference {
  const fromHere = createRequire(import.meta.url);
  const fromAgents = createRequire(fromHere.resolve('@livekit/agents'));
  return fromAgents('@livekit/local-inference');
}

/** The detector sends `{ pcm }`: 16 bit samples at 16 kHz in base64. */
function pcmOf(data: unknown): Int16Array {
  const pcm = typeof data === 'object' && data !== null && 'pcm' in data ? data.pcm : undefined;
  if (typeof pcm !== 'string') throw new TypeError('the turn detector sent no audio');
  // Copied, because a Buffer may start at an odd address, and an Int16Array may not.
  return new Int16Array(Uint8Array.from(Buffer.from(pcm, 'base64')).buffer);
}
