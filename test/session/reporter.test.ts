import { initializeLogger } from '@livekit/agents';
import { expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { MetricsCollector } from '../../src/session/metrics.ts';
import { SessionReporter, type SourceSwitched } from '../../src/session/reporter.ts';
import type { TrackPick } from '../../src/source.ts';

initializeLogger({ pretty: false, level: 'silent' });

const SOURCE = 'camera';
const pickOf = (sid: string): TrackPick => ({ sid, identity: 'ada', source: 'camera' });
const frameOf = (trackSid: string, receivedAt: number): FrameRef => ({
  ...{ id: 1, width: 64, height: 48, trackSid, identity: 'ada', source: 'camera', receivedAt },
});

test('a switch names the source before it, and none after a time without any', () => {
  const reporter = new SessionReporter(new MetricsCollector());
  const switched: Pick<SourceSwitched, 'from' | 'gapMs'>[] = [];
  reporter.on('source.switched', ({ from, gapMs }) => switched.push({ from, gapMs }));
  let previous: TrackPick | null = null;
  const watch = (pick: TrackPick | null) => {
    const reason = 'published';
    reporter.report({ type: 'pick.changed', sourceId: SOURCE, pick, previous, reason });
    previous = pick;
  };
  const startedAt = Date.now();
  watch(pickOf('TR_1'));
  reporter.frame(SOURCE, frameOf('TR_1', startedAt));
  watch(pickOf('TR_2'));
  reporter.frame(SOURCE, frameOf('TR_2', startedAt + 70));
  watch(null);
  watch(pickOf('TR_3'));
  reporter.frame(SOURCE, frameOf('TR_3', startedAt + 90_000));
  expect(switched.map(({ from }) => from?.sid)).toEqual([undefined, 'TR_1', undefined]);
  expect(switched[1]?.gapMs).toBe(70);
});
