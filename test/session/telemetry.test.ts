import { type Meter, metrics } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
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
