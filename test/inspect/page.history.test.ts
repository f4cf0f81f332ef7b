import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stubAnimationFrames } from '../support/animation-frames.ts';

// The page is JavaScript of a browser, which has no types here.
const HISTORY: string = '../../src/inspect/page/history.js';
const PLAYER: string = '../../src/inspect/page/player.js';
const { History } = await import(HISTORY);
const { Player } = await import(PLAYER);

const actor = { type: '@xstate.actor', sessionId: 'a', name: 'lamp', createdAt: '1000' };
const state = (value: string, at = 1000, type = 'turn') => ({
  type: '@xstate.snapshot',
  sessionId: 'a',
  event: { type },
  snapshot: { value },
  createdAt: String(at),
});

/** A history of these events, each with a size of 10. */
function historyOf(events: readonly object[], limits = { events: 10_000, bytes: 1_000_000 }) {
  const history = new History(limits);
  history.reset([], 1);
  for (const event of events) history.add(history.lastSeq + 1, event, 10);
  return history;
}

describe('the history on the page of the inspector', () => {
  test('each event is a row with its actor, its kind and its text', () => {
    const source = { type: '@xstate.actor', sessionId: 'b', name: 'user', createdAt: '1001' };
    const history = historyOf([
      actor,
      source,
      {
        ...{ type: '@xstate.event', sessionId: 'a', sourceId: 'b', createdAt: '1003' },
        event: { type: 'Turn.On' },
      },
      state('on', 1004, 'Turn.On'),
      state('on'),
      state('off'),
      { ...state('off'), snapshot: { value: 'off', status: 'done' } },
      { ...state('x'), snapshot: { value: 'x', status: 'error' } },
      { ...state('x'), snapshot: { value: 'x' } },
      { ...state('y'), sourceId: 'b' },
      { ...state('y'), snapshot: { value: 'y', status: 'error' } },
      state('z'),
      { ...state('z'), snapshot: { value: {} } },
      { type: '@xstate.event', sessionId: 'a', createdAt: '1004', event: { type: 'tick' } },
      { type: '@sightline.loss', sessionId: 'z', dropped: 3, createdAt: '1005' },
      { type: '@sightline.metrics', sessionId: 'z', metrics: {}, createdAt: '1006' },
    ]);
    const rows = history.entries.map(({ row }: { row: Record<string, string> }) => row);
    expect(rows.map(({ kind, text }: Record<string, string>) => `${kind}: ${text}`)).toEqual([
      'actor: started',
      'actor: started',
      'event: Turn.On',
      'change: · → on',
      'other: turn',
      'change: on → off',
      'actor: done',
      'change: off → x, error',
      'actor: active',
      'change: x → y',
      'actor: error',
      'change: y → z',
      'change: z → ·',
      'event: tick',
      'actor: 3 events dropped so far',
      'other: metrics',
    ]);
    expect(rows[2]).toMatchObject({
      seq: 3,
      at: 1003,
      actorId: 'a',
      actor: 'lamp',
      source: 'user',
    });
    expect(rows[2].search).toContain('lamp user turn.on');
    expect(rows[3].search).toContain('turn.on');
    expect(rows[4].search).not.toContain('turn turn');
    expect([rows[9], rows[13]]).toMatchObject([{ source: '' }, { source: '' }]);
    expect(rows[14]).toMatchObject({ actor: 'z', source: '' });
    expect(history.span).toEqual({ from: 1000, to: 1006 });
    expect(history.entry(4).size).toBe(10);
    expect(historyOf([]).span).toEqual({ from: 0, to: 0 });
  });

  test('an event that does not follow the last one is not added', () => {
    const history = historyOf([actor]);
    history.add(3, state('on'), 10);
    history.add(1, state('on'), 10);
    expect(history.lastSeq).toBe(1);
    history.add(2, state('on'), 10);
    expect(history.lastSeq).toBe(2);
  });

  test('the world of each moment is found again, with checkpoints and without', () => {
    const events = Array.from({ length: 600 }, (_, at) => state(`s${at + 1}`));
    const history = historyOf(events);
    const valueAt = (seq: number) => history.at(seq).actors.get('a').state.value;
    for (const seq of [1, 249, 250, 251, 499, 500, 501, 599]) expect(valueAt(seq)).toBe(`s${seq}`);
    expect(history.at(600)).toBe(history.now);
    expect(history.at(900)).toBe(history.now);
    expect(history.now.actors.get('a').state.value).toBe('s600');
    expect(history.at(0).actors.size).toBe(0);
  });

  test('a reset begins with the actors from before, and forgets all else', () => {
    const history = historyOf(Array.from({ length: 300 }, (_, at) => state(`s${at}`)));
    history.reset([actor, state('on')], 50);
    expect([history.firstSeq, history.lastSeq, history.entries.length]).toEqual([50, 49, 0]);
    expect(history.now.actors.get('a')).toMatchObject({ seq: 49, state: { value: 'on' } });
    history.add(50, state('off'), 10);
    history.add(51, state('dim'), 10);
    expect(history.at(50).actors.get('a').state.value).toBe('off');
    expect(history.at(49).actors.get('a').state.value).toBe('on');
    history.reset([], 251);
    for (const seq of [251, 252, 253]) history.add(seq, { ...state('x'), sessionId: 'b' }, 10);
    expect([...history.at(252).actors.keys()]).toEqual(['b']);
  });

  test('the oldest events are forgotten in batches, and their states are kept', () => {
    const limits = { events: 100, bytes: 1_000_000 };
    const history = historyOf(
      [actor, ...Array.from({ length: 1099 }, (_, at) => state(`s${at + 2}`))],
      limits,
    );
    expect([history.firstSeq, history.entries.length]).toEqual([1, 1100]);
    history.add(1101, state('s1101'), 10);
    expect([history.firstSeq, history.lastSeq, history.entries.length]).toEqual([1001, 1101, 101]);
    const at = (seq: number) => history.at(seq).actors.get('a');
    expect(at(1000)).toMatchObject({ name: 'lamp', state: { value: 's1000' } });
    expect(at(1050).state.value).toBe('s1050');
  });

  test('the events take no more bytes than their limit, and one event stays', () => {
    const events = [actor, ...Array.from({ length: 9 }, (_, at) => state(`s${at + 2}`))];
    const history = historyOf(events, { events: 100, bytes: 80 });
    expect([history.entries.length, history.firstSeq]).toEqual([8, 3]);
    history.add(11, state('large'), 1000);
    expect([history.entries.length, history.firstSeq, history.lastSeq]).toEqual([1, 11, 11]);
    history.reset([], 1);
    for (const [index, event] of events.slice(0, 8).entries()) history.add(index + 1, event, 10);
    expect(history.entries).toHaveLength(8);
    // An eighth of them is forgotten at once.
    const many = historyOf(Array(17).fill(actor), { events: 100, bytes: 160 });
    expect(many.entries).toHaveLength(14);
  });
});

describe('the player on the page of the inspector', () => {
  const frames = new Map<number, () => void>();
  beforeEach(() => {
    frames.clear();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stubAnimationFrames(frames);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** The browser draws a frame, and time passes, in ms. */
  function pass(ms: number) {
    for (const [frame, draw] of frames) {
      frames.delete(frame);
      draw();
    }
    vi.advanceTimersByTime(ms);
  }
  const waiting = () => frames.size + vi.getTimerCount();
  const events = (...times: number[]) => historyOf(times.map((time) => state('x', time)));

  /** A player of events at these times, with the numbers that it reached. */
  function playing(times: readonly number[], position = 1) {
    const steps: number[] = [];
    const player = new Player((seq: number) => steps.push(seq));
    player.play(events(...times), position, times.length);
    return { player, steps };
  }

  test('events are played at their own speed, and ones of the same moment together', () => {
    const { player, steps } = playing([0, 500, 505, 509, 510, 1000]);
    expect(player.playing).toBe(true);
    pass(499);
    expect(steps).toEqual([]);
    pass(1);
    expect(steps).toEqual([4]);
    pass(19);
    expect(steps).toEqual([4]);
    pass(1);
    expect(steps).toEqual([4, 5]);
    pass(490);
    expect(steps).toEqual([4, 5, 6]);
    expect([player.playing, waiting()]).toEqual([false, 0]);
  });

  test('a long pause is played in a second and a half', () => {
    const { steps } = playing([0, 60_000]);
    pass(1499);
    expect(steps).toEqual([]);
    pass(1);
    expect(steps).toEqual([2]);
  });

  test('nothing is played at the end, or after a stop', () => {
    const atEnd = playing([0, 100], 2);
    expect([atEnd.player.playing, waiting()]).toEqual([false, 0]);
    const { player, steps } = playing([0, 100, 200]);
    player.stop();
    expect([player.playing, waiting()]).toEqual([false, 0]);
    player.play(events(0, 100), 1, 2);
    pass(0);
    player.stop();
    expect([player.playing, waiting(), steps.length]).toEqual([false, 0, 0]);
  });

  test('playing again replaces the first playing', () => {
    const { player, steps } = playing([0, 100, 200]);
    pass(0);
    player.play(events(0, 300), 1, 2);
    pass(0);
    expect(waiting()).toBe(1);
    pass(300);
    expect(steps).toEqual([2]);
  });
});
