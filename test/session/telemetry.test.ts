import { type BatchObservableResult, type Meter, metrics } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { MetricsCollector } from '../../src/session/metrics.ts';
import { exportMetrics } from '../../src/session/telemetry.ts';

afterEach(() => vi.restoreAllMocks());

test('the export of metrics ends when it is stopped', () => {
  const observers = new Set<unknown>();
  vi.spyOn(metrics, 'getMeter').mockReturnValue({
    createObservableCounter: () => ({}),
    createObservableGauge: () => ({}),
    addBatchObservableCallback: (observe: unknown) => observers.add(observe),
    removeBatchObservableCallback: (observe: unknown) => observers.delete(observe),
  } as unknown as Meter);
  const stop = exportMetrics(() => expect.fail('it is not read'));
  expect(observers.size).toBe(1);
  stop();
  expect(observers.size).toBe(0);
});

test('each figure is exported under its own name, with its outcome', () => {
  let observe = (_: BatchObservableResult) => {};
  const units: Record<string, string | undefined> = {};
  const create = (name: string, { unit }: { unit?: string } = {}) => {
    units[name] = unit;
    return { name };
  };
  vi.spyOn(metrics, 'getMeter').mockReturnValue({
    createObservableCounter: create,
    createObservableGauge: create,
    addBatchObservableCallback: (callback: typeof observe) => {
      observe = callback;
    },
  } as unknown as Meter);
  const collector = new MetricsCollector();
  exportMetrics(() => collector.snapshot({ fps: 0, bytes: 0, tokens: 0 } as never));
  const read = () => {
    const seen: Record<string, number> = {};
    observe({
      observe: ({ name }: { name: string }, value: number, labels: object = {}) => {
        seen[[name, ...Object.values(labels)].join(' ')] = value;
      },
    } as unknown as BatchObservableResult);
    return seen;
  };
  expect(units).toMatchObject({
    ...{ 'sightline.sent': 'By', 'sightline.encode.p95': 'ms', 'sightline.frame_age.p95': 'ms' },
  });
  expect(read()).not.toHaveProperty('sightline.encode.p95');
  for (let frame = 0; frame < 3; frame++) collector.frames.received();
  collector.frames.replaced();
  for (let use = 0; use < 2; use++) collector.frames.sampled();
  collector.frames.sent();
  collector.frames.skipped('busy');
  collector.turns.attached = 4;
  collector.error('encode');
  collector.avatar.lost = 5;
  collector.sent(600, 70);
  collector.encodeMs.add(8);
  collector.frameAgeMs.add(9);
  expect(read()).toMatchObject({
    'sightline.frames received': 3,
    'sightline.frames replaced': 1,
    'sightline.frames sent': 1,
    'sightline.frames skipped busy': 1,
    'sightline.turns attached': 4,
    'sightline.turns withdrawn': 0,
    'sightline.errors encode': 1,
    'sightline.avatar lost': 5,
    'sightline.avatar shown': 0,
    'sightline.sent': 600,
    'sightline.tokens': 70,
    'sightline.encode.p95': 8,
    'sightline.frame_age.p95': 9,
  });
});
