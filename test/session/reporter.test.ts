import { initializeLogger, log } from '@livekit/agents';
import { expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import { MetricsCollector, type VideoMetrics } from '../../src/session/metrics.ts';
import {
  isOfAvatar,
  SessionReporter,
  type SourceSwitched,
  type VideoErrorEvent,
  type VideoEvent,
} from '../../src/session/reporter.ts';
import type { TrackPick } from '../../src/source.ts';

initializeLogger({ pretty: false, level: 'silent' });

const SOURCE = 'camera';
const pickOf = (sid: string): TrackPick => ({ sid, identity: 'ada', source: 'camera' });
const frameOf = (trackSid: string, receivedAt: number): FrameRef => ({
  ...{ id: 1, width: 64, height: 48, trackSid, identity: 'ada', source: 'camera', receivedAt },
});

/** A reporter, its figures, and the errors that it reported. */
function stage() {
  const metrics = new MetricsCollector();
  const reporter = new SessionReporter(metrics);
  const errors: string[] = [];
  reporter.on('error', ({ cause, message }) => errors.push(`${cause}: ${message}`));
  const figures = (): VideoMetrics => metrics.snapshot({} as VideoMetrics['budget']);
  /** A report with the fields that matter for it. */
  const report = (event: object) => reporter.report(event as Parameters<typeof reporter.report>[0]);
  return { reporter, errors, figures, report };
}

test('a switch names the source before it, and none after a time without any', () => {
  const { reporter, figures, report } = stage();
  const switched: Pick<SourceSwitched, 'from' | 'to' | 'gapMs' | 'reason'>[] = [];
  reporter.on('source.switched', ({ from, to, gapMs, reason }) =>
    switched.push({ from, to, gapMs, reason }),
  );
  let previous: TrackPick | null = null;
  const watch = (pick: TrackPick | null, reason = 'published') => {
    report({ type: 'pick.changed', sourceId: SOURCE, pick, previous, reason });
    previous = pick;
  };
  const startedAt = Date.now();
  watch(pickOf('TR_1'));
  reporter.frame(SOURCE, frameOf('TR_1', startedAt));
  watch(pickOf('TR_2'), 'pinned');
  // The old track may still deliver a frame, and then the new one more than its first.
  reporter.frame(SOURCE, frameOf('TR_1', startedAt + 10));
  reporter.frame(SOURCE, frameOf('TR_2', startedAt + 70));
  reporter.frame(SOURCE, frameOf('TR_2', startedAt + 80));
  watch(null);
  watch(pickOf('TR_3'));
  reporter.frame('screen', frameOf('TR_3', startedAt + 80_000));
  reporter.frame(SOURCE, frameOf('TR_3', startedAt + 90_000));
  expect(switched.map(({ from, to }) => [from?.sid, to.sid])).toEqual([
    ...[
      [undefined, 'TR_1'],
      ['TR_1', 'TR_2'],
      [undefined, 'TR_3'],
    ],
  ]);
  expect(switched[1]).toMatchObject({ gapMs: 60, reason: 'pinned' });
  expect(switched[2]?.gapMs).toBeGreaterThan(80_000);
  expect(figures().switches).toMatchObject({ count: 3, gapMs: { count: 3 } });
});

test.each<[string, object, object, string | undefined]>([
  [
    'a turn with a picture',
    { type: 'turn.ready', outcome: 'attached' },
    { turns: { attached: 1 } },
    undefined,
  ],
  [
    'a turn without one',
    { type: 'turn.ready', outcome: 'too-old' },
    { turns: { 'too-old': 1 } },
    undefined,
  ],
  [
    'a turn whose picture could not be encoded',
    { type: 'turn.ready', outcome: 'encode-failed', error: 'torn' },
    { turns: { 'encode-failed': 1 }, errors: { encode: 1 } },
    'encode: torn',
  ],
  [
    'a turn whose picture was late',
    { type: 'turn.ready', outcome: 'over-budget' },
    { turns: { 'over-budget': 1 }, errors: { turn: 1 } },
    'turn: the picture was not ready in time, so the turn continued without it',
  ],
  ['a discarded turn', { type: 'turn.discarded' }, { turns: { discarded: 1 } }, undefined],
  ['a withdrawn turn', { type: 'turn.withdrawn' }, { turns: { withdrawn: 1 } }, undefined],
  [
    'looks with an answer',
    { type: 'look.answered', lookIds: [1, 2] },
    { looks: { answered: 2, failed: 0 } },
    undefined,
  ],
  [
    'looks without one',
    { type: 'look.failed', lookIds: [3, 4, 5] },
    { looks: { answered: 0, failed: 3 } },
    undefined,
  ],
  [
    'a stalled stream',
    { type: 'streamStatus.changed', streamStatus: 'stalled' },
    { stalls: 1 },
    undefined,
  ],
  [
    'a live stream',
    { type: 'streamStatus.changed', streamStatus: 'live' },
    { stalls: 0 },
    undefined,
  ],
  [
    'a lost stream',
    { type: 'streamStatus.changed', streamStatus: 'lost', error: 'no handle' },
    { stalls: 0, errors: { stream: 1 } },
    'stream: no handle',
  ],
  [
    'a lost stream without a reason',
    { type: 'streamStatus.changed', streamStatus: 'lost' },
    { errors: { stream: 1 } },
    'stream: the stream could not be opened',
  ],
  [
    'a blind model',
    { type: 'model.blind', reason: 'refused' },
    { errors: { model: 1 } },
    'model: refused',
  ],
  [
    'a pause that lost the video',
    { type: 'video.pauseGivenUp', waitedMs: 2000 },
    { errors: { pause: 1 } },
    'pause: no frame arrived within 2000 ms after a pause: this stream is not paused again',
  ],
  [
    'a failed sampler',
    { type: 'sampler.failed', error: 'mine' },
    { errors: { sampler: 1 } },
    'sampler: mine',
  ],
  [
    'an avatar that is shown',
    { type: 'avatar.shown' },
    { avatar: { shown: 1, lost: 0, failed: 0 } },
    undefined,
  ],
  [
    'an avatar that is lost',
    { type: 'avatar.lost', reason: 'it left' },
    { avatar: { shown: 0, lost: 1, failed: 0 } },
    'avatar: the avatar was lost, and the agent speaks itself: it left',
  ],
  [
    'an avatar that fails',
    { type: 'avatar.failed', attempt: 2, reason: 'no key' },
    { avatar: { shown: 0, lost: 0, failed: 1 } },
    'avatar: attempt 2 to start the avatar failed: no key',
  ],
  [
    'an avatar that is given up',
    { type: 'avatar.givenUp', attempts: 5, reason: 'no key' },
    { avatar: { shown: 0, lost: 0, failed: 0 } },
    'avatar: no avatar after 5 attempts: no key',
  ],
  ['an avatar that waits for the user', { type: 'avatar.away' }, { errors: {} }, undefined],
  ['an avatar that is dismissed', { type: 'avatar.dismissed' }, { errors: {} }, undefined],
])('%s is counted, and reported as an error only if it is one', (_, event, counts, error) => {
  const { reporter, errors, figures, report } = stage();
  const seen: string[] = [];
  const { type } = event as VideoEvent;
  reporter.on(type, (one) => seen.push(one.type));
  report(event);
  expect(seen).toEqual([type]);
  expect(figures()).toMatchObject(counts);
  expect(errors).toEqual(error === undefined ? [] : [error]);
  expect(isOfAvatar(event as never)).toBe(type.startsWith('avatar.'));
});

test('connections of a model that are lost and restored are counted, with the time between', () => {
  const { reporter, errors, figures } = stage();
  const seen: string[] = [];
  reporter.on('model.dropped', ({ type }) => seen.push(type));
  reporter.on('model.resumed', ({ type }) => seen.push(type));
  reporter.modelLife({ type: 'model.dropped', reason: '1011', isRetried: true } as never);
  reporter.modelLife({ type: 'model.resumed', tookMs: 40 } as never);
  expect(seen).toEqual(['model.dropped', 'model.resumed']);
  expect(figures().model).toMatchObject({
    dropped: 1,
    resumed: 1,
    resumeMs: { count: 1, p50: 40 },
  });
  expect(errors).toEqual([]);
});

test.each([
  ['finish', 'the avatar did not report the end of a segment'],
  ['early-finish', 'the avatar reported the end of a segment too early'],
  ['clear', 'the avatar did not confirm an interruption'],
] as const)('an unconfirmed %s is counted and reported', (what, words) => {
  const { reporter, errors, figures } = stage();
  reporter.unconfirmed(what);
  expect(errors).toEqual([`avatar: ${words}`]);
  expect(figures().avatar.unconfirmed).toBe(1);
});

test('a handler that is added twice is called twice, and each is removed by itself', () => {
  const { reporter } = stage();
  const seen: VideoErrorEvent[] = [];
  const handler = (event: VideoErrorEvent) => void seen.push(event);
  const [stop] = [reporter.on('error', handler), reporter.on('error', handler)];
  reporter.error('turn', new Error('late'));
  expect(seen).toHaveLength(2);
  stop?.();
  stop?.();
  reporter.error('turn', 'late');
  expect(seen).toHaveLength(3);
  expect(seen[2]).toEqual({ type: 'error', cause: 'turn', message: 'late' });
  reporter.close();
  reporter.error('turn', 'late');
  expect(seen).toHaveLength(3);
});

test('a handler that throws is reported once, and one of errors does not report itself', () => {
  const { reporter, errors, figures, report } = stage();
  const seen: string[] = [];
  reporter.on('turn.withdrawn', () => {
    throw new Error('mine');
  });
  reporter.on('turn.withdrawn', ({ type }) => seen.push(type));
  reporter.on('error', () => {
    throw new Error('mine too');
  });
  report({ type: 'turn.withdrawn' });
  expect(errors).toEqual(['handler: mine']);
  expect(seen).toEqual(['turn.withdrawn']);
  expect(figures().errors).toEqual({ handler: 1 });
});

test('an unknown event and a handler that is none are refused', () => {
  const { reporter } = stage();
  expect(() => reporter.on('turn' as 'error', () => {})).toThrow(
    expect.objectContaining({ option: 'type' }),
  );
  expect(() => reporter.on('error', undefined as never)).toThrow(
    expect.objectContaining({ option: 'handler' }),
  );
});

test('an error is reported without secrets', () => {
  const { reporter, errors } = stage();
  const key = 'sk-proj-Planted0123456789abcdefghijklmnop';
  reporter.error('model', new Error(`refused ${key}`));
  expect(errors[0]).toMatch(/^model: refused /);
  expect(errors[0]).not.toContain(key);
});

/** What is logged meanwhile, as text. */
function logged(level: 'info' | 'warn', act: () => void): string[] {
  const spy = vi.spyOn(log(), level).mockImplementation(() => {});
  try {
    act();
    return spy.mock.calls.map((call) => JSON.stringify(call));
  } finally {
    spy.mockRestore();
  }
}

test('an error is logged once a cause, without secrets, and each is reported', () => {
  const { reporter, errors } = stage();
  const key = 'sk-proj-Planted0123456789abcdefghijklmnop';
  const lines = logged('warn', () => {
    for (const cause of ['model', 'turn', 'model', 'turn'])
      reporter.error(cause, new Error(`refused ${key}`));
  });
  expect(lines).toHaveLength(2);
  for (const line of [...lines, ...errors]) {
    expect(line).toContain('refused');
    expect(line).not.toContain(key);
  }
  expect(errors).toHaveLength(4);
});

test.each([
  [true, 'reconnecting'],
  [false, 'not reconnecting'],
])(
  'a connection of a model that ends is logged without secrets; retried: %s',
  (isRetried, then) => {
    const { reporter } = stage();
    const key = 'sk-proj-Planted0123456789abcdefghijklmnop';
    const seen: string[] = [];
    reporter.on('model.dropped', (event) => seen.push(JSON.stringify(event)));
    const lines = logged('warn', () =>
      reporter.modelLife({ type: 'model.dropped', reason: `wrong key ${key}`, isRetried } as never),
    );
    expect(lines).toEqual([expect.stringContaining(`connection ended: ${then}`)]);
    expect([...lines, ...seen].some((text) => text.includes(key))).toBe(false);
    expect(seen).toEqual([expect.stringContaining('wrong key')]);
  },
);

test('a log says what is watched, when a stream stalls, and who speaks', () => {
  const { report } = stage();
  const pick = pickOf('TR_1');
  const watching = { type: 'pick.changed', sourceId: SOURCE, previous: null, reason: 'muted' };
  const said = (level: 'info' | 'warn', ...events: object[]) =>
    logged(level, () => {
      for (const event of events) report(event);
    });
  expect(
    said(
      'info',
      { ...watching, pick },
      { ...watching, pick: null },
      { type: 'avatar.shown' },
      {
        type: 'avatar.away',
      },
    ),
  ).toEqual([
    '[{"source":"camera","reason":"muted"},"video: watching the camera"]',
    '[{"reason":"muted"},"video: no track to watch"]',
    '["video: the avatar speaks"]',
    '["video: the user left, the avatar is stopped"]',
  ]);
  expect(said('info', { type: 'avatar.dismissed' })).toEqual([
    '["video: the avatar was dismissed, and the agent speaks itself"]',
  ]);
  const stalled = { type: 'streamStatus.changed', streamStatus: 'stalled', pick };
  expect(said('warn', stalled)).toEqual([
    '[{"source":"camera"},"video: no frames arrive, the stream is stalled"]',
  ]);
});

test('a track that is no longer watched before its first frame was never switched to', () => {
  const { reporter, report, figures } = stage();
  const switched: unknown[] = [];
  reporter.on('source.switched', (event) => switched.push(event));
  const watch = (pick: TrackPick | null) =>
    report({ type: 'pick.changed', sourceId: SOURCE, pick, previous: null, reason: 'published' });
  watch(pickOf('TR_1'));
  watch(null);
  reporter.frame(SOURCE, frameOf('TR_1', Date.now()));
  expect(switched).toEqual([]);
  expect(figures().switches.count).toBe(0);
});
