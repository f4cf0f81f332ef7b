import { expect, test, vi } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import type { ResolvedOptions } from '../../src/session/resolve-options.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';
import { Sources, type SourcesDeps } from '../../src/session/sources.ts';
import type { SourceSelector, StreamStatus, TrackPick } from '../../src/source.ts';

const frame: FrameRef = {
  ...{ id: 1, trackSid: 'TR_1', identity: 'ada', source: 'camera' },
  ...{ width: 64, height: 48, receivedAt: 0 },
};

/** A session that follows these sources; the test sets their state and lets frames arrive. */
function stage(...selectors: SourceSelector[]) {
  const state = {
    status: 'active',
    sources: {} as Record<string, { streamStatus?: StreamStatus; pick?: Partial<TrackPick> }>,
  };
  const sent: object[] = [];
  const actor = {
    getSnapshot: () => ({ status: state.status, context: { sources: state.sources } }),
    send: (event: object) => sent.push(event),
  } as unknown as SessionActor;
  const listeners = new Set<(frame: FrameRef) => void>();
  const arrivals: ((frame: FrameRef) => void)[] = [];
  const gate = {
    onArrival: (_: string, listener: (frame: FrameRef) => void) => arrivals.push(listener),
    onFrame: vi.fn((_: string, listener: (frame: FrameRef) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }),
    luma: vi.fn(),
  };
  const reporter = { frame: vi.fn(), error: vi.fn() };
  const sources = new Sources({
    options: { input: { sources: selectors } } as unknown as ResolvedOptions,
    gate: gate as unknown as SourcesDeps['gate'],
    reporter: reporter as unknown as SourcesDeps['reporter'],
    actor: () => actor,
  } as SourcesDeps);
  const arrive = () => {
    for (const listener of listeners) listener(frame);
  };
  return { sources, state, sent, gate, reporter, arrivals, arrive };
}

const [CAMERA, SCREEN] = ['linked/camera', 'linked/screen'];

test.each<[string | undefined, StreamStatus | undefined, StreamStatus | undefined]>([
  [CAMERA, undefined, undefined],
  [CAMERA, 'none', 'lost'],
  [SCREEN, 'none', 'live'],
  [SCREEN, 'lost', 'paused'],
  [SCREEN, 'opening', 'live'],
  [SCREEN, 'stalled', 'paused'],
  [SCREEN, 'none', 'opening'],
  [SCREEN, 'lost', 'stalled'],
  [CAMERA, 'live', 'live'],
  [CAMERA, 'paused', 'live'],
  [CAMERA, 'stalled', 'opening'],
])('the default of a look is %s if the camera is %s and the screen is %s', (id, first, second) => {
  const { sources, state } = stage('camera', 'screen');
  state.sources = {
    ...(first && { [CAMERA]: { streamStatus: first } }),
    ...(second && { [SCREEN]: { streamStatus: second } }),
  };
  expect(sources.current).toBe(id);
  expect(sources.first).toBe(CAMERA);
});

test('a source is found by its name, and else by what it shows now', () => {
  const named = stage('camera', 'screen');
  named.state.sources = { [CAMERA]: { pick: { source: 'screen' } } };
  expect(named.sources.showing('screen')).toBe(SCREEN);
  expect(named.sources.areSeveral).toBe(true);
  const latest = stage('latest');
  expect(latest.sources.showing('screen')).toBeUndefined();
  latest.state.sources = { 'linked/latest': { pick: { source: 'screen' } } };
  expect(latest.sources.showing('screen')).toBe('linked/latest');
  expect(latest.sources.showing('camera')).toBeUndefined();
  expect(latest.sources.areSeveral).toBe(false);
});

test('a look can name only a source that is followed by this name', () => {
  const { sources } = stage('screen');
  expect(sources.idOf(undefined)).toBe(SCREEN);
  expect(sources.idOf('screen')).toBe(SCREEN);
  expect(() => sources.idOf('camera')).toThrow(
    expect.objectContaining({
      option: 'source',
      message: expect.stringContaining('input.sources'),
    }),
  );
});

test('a frame that arrives is reported with its source', () => {
  const { arrivals, reporter } = stage('camera', 'screen');
  arrivals[1]?.(frame);
  expect(reporter.frame.mock.calls).toEqual([[SCREEN, frame]]);
});

test('the video of the first source is not paused while anyone listens to its frames', () => {
  const { sources, sent, gate, arrive } = stage('camera', 'screen');
  const got: FrameRef[] = [];
  const stop = sources.lumaFeed.onFrame((one) => got.push(one));
  expect(sent).toEqual([{ type: 'flow.held', sourceId: CAMERA }]);
  arrive();
  expect(got).toEqual([frame]);
  stop();
  stop();
  arrive();
  expect(got).toHaveLength(1);
  expect(sent.slice(1)).toEqual([{ type: 'flow.released', sourceId: CAMERA }]);
  sources.lumaFeed.luma(4, 3);
  expect(gate.luma.mock.calls).toEqual([[CAMERA, 4, 3]]);
});

test('a listener of frames that stops after the end of the session sends nothing to it', () => {
  const { sources, state, sent } = stage('camera');
  const stop = sources.lumaFeed.onFrame(() => {});
  state.status = 'done';
  stop();
  sources.lumaFeed.onFrame(() => {})();
  expect(sent).toHaveLength(1);
});

test('a listener of frames that throws is reported, and the next frame comes', () => {
  const { sources, reporter, arrive } = stage('camera');
  const error = new Error('my listener');
  sources.lumaFeed.onFrame(() => {
    throw error;
  });
  arrive();
  arrive();
  expect(reporter.error.mock.calls).toEqual([
    ['handler', error],
    ['handler', error],
  ]);
});

test('the source of a participant is the one that shows this one, a live one first', () => {
  const { sources, state } = stage('camera', 'screen', 'latest');
  const latest = 'linked/latest';
  const bob = (source: 'camera' | 'screen', streamStatus: StreamStatus) => ({
    ...{ streamStatus, pick: { source, identity: 'bob' } },
  });
  state.sources = {
    [CAMERA]: { pick: { source: 'camera', identity: 'ada' }, streamStatus: 'live' },
    [SCREEN]: bob('screen', 'stalled'),
    [latest]: bob('camera', 'live'),
  };
  expect(sources.showing('camera', 'bob')).toBe(latest);
  expect(sources.showing('screen', 'bob')).toBe(SCREEN);
  expect(sources.showing(undefined, 'bob')).toBe(latest);
  expect(sources.showing(undefined, 'ada')).toBe(CAMERA);
  expect(sources.showing(undefined, 'eve')).toBeUndefined();
});

test('a listener of some frames gets no others', () => {
  const { sources, gate } = stage('camera');
  sources.lumaFeed.onFrame(() => {}, 250);
  expect(gate.onFrame).toHaveBeenCalledWith(CAMERA, expect.any(Function), 250);
});
