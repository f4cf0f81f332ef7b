import { type BatchObservableResult, metrics, type Observable } from '@opentelemetry/api';
import type { VideoMetrics } from './metrics.ts';

/**
 * Exports a session's figures through the OpenTelemetry API, as the framework does with its own.
 * Without a meter provider this costs nothing. Returns a function that stops the export.
 */
export function exportMetrics(read: () => VideoMetrics): () => void {
  const meter = metrics.getMeter('sightline');
  const frames = meter.createObservableCounter('sightline.frames', {
    description: 'Frames by outcome',
  });
  const turns = meter.createObservableCounter('sightline.turns', {
    description: 'Model requests of user turns by the outcome of their picture',
  });
  const bytes = meter.createObservableCounter('sightline.sent', {
    description: 'Pictures sent to a model',
    unit: 'By',
  });
  const tokens = meter.createObservableCounter('sightline.tokens', {
    description: 'Estimated input tokens of pictures sent to a model',
  });
  const errors = meter.createObservableCounter('sightline.errors', {
    description: 'Caught errors by cause',
  });
  const avatar = meter.createObservableCounter('sightline.avatar', {
    description: 'Arrivals, losses, failures and missing reports of the avatar',
  });
  const encode = meter.createObservableGauge('sightline.encode.p95', { unit: 'ms' });
  const age = meter.createObservableGauge('sightline.frame_age.p95', {
    description: 'Age of the frames when they were sent',
    unit: 'ms',
  });
  const all: Observable[] = [frames, turns, bytes, tokens, errors, avatar, encode, age];

  const observe = (result: BatchObservableResult) => {
    const now = read();
    const { received, replaced, sent, skipped } = now.frames;
    for (const [fate, count] of Object.entries({ received, replaced, sent }))
      result.observe(frames, count, { fate });
    for (const [reason, count] of Object.entries(skipped))
      result.observe(frames, count, { fate: 'skipped', reason });
    for (const [outcome, count] of Object.entries(now.turns))
      result.observe(turns, count, { outcome });
    for (const [cause, count] of Object.entries(now.errors))
      result.observe(errors, count, { cause });
    for (const [event, count] of Object.entries(now.avatar))
      result.observe(avatar, count, { event });
    result.observe(bytes, now.bytesSent);
    result.observe(tokens, now.tokens.estimated);
    if (now.encodeMs.p95 !== null) result.observe(encode, now.encodeMs.p95);
    if (now.frameAgeMs.p95 !== null) result.observe(age, now.frameAgeMs.p95);
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}
