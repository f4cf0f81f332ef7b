import { expect, test, vi } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import {
  checkedLook,
  type LookOptions,
  LookRequests,
  type LookRequestsDeps,
} from '../../src/session/look-requests.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';
import type { SourceKind } from '../../src/source.ts';

/** Fails if the look still waits when nothing more happens by itself. */
const ended = <T>(result: Promise<T>): Promise<T> =>
  Promise.race([result, new Promise(setImmediate).then(() => expect.fail('it still waits'))]);

const frameOf = (source: SourceKind) => ({ source }) as SeenFrame;

/** A session whose answers the test gives. */
function stage(deps: Partial<LookRequestsDeps> = {}) {
  const state = { isOpen: true, mode: 'sampled', sources: {} as Record<string, object> };
  const heard = new Map<string, (event: object) => void>();
  const listen = (type: string, listener: (event: object) => void) => {
    heard.set(type, listener);
    return { unsubscribe: () => heard.delete(type) };
  };
  const snapshot = {
    status: 'active',
    hasTag: (tag: string) => tag === 'open' && state.isOpen,
    context: state,
  };
  const sent: { type: string; sourceId?: string; lookId?: number; source?: object }[] = [];
  const actor = {
    getSnapshot: () => snapshot,
    on: listen,
    subscribe: (listener: (event: object) => void) => listen('snapshot', listener),
    send: (event: { type: string }) => sent.push(event),
  } as unknown as SessionActor;
  const asked: unknown[][] = [];
  const requests = new LookRequests({
    actor,
    sources: { checkLink: () => {}, current: 'linked/latest', showing: () => undefined },
    timeoutMs: 100,
    latestFrame: async (...args) => {
      asked.push(args);
      return frameOf('camera');
    },
    shownFrame: async () => undefined,
    hasFrame: () => false,
    ...deps,
  });
  const look = async (options: LookOptions = {}) => {
    const result = requests.look(options);
    // Reported by the caller's own `await`.
    result.catch(() => {});
    await new Promise(setImmediate);
    return { result };
  };
  const emit = (type: string, event: object = {}) => heard.get(type)?.({ type, ...event });
  const close = () => {
    state.isOpen = false;
    heard.get('snapshot')?.(snapshot);
  };
  return { state, heard, sent, asked, look, emit, close };
}

test('a look is answered by its own answer, and leaves no listener', async () => {
  const { look, emit, sent, heard, asked } = stage();
  const { result } = await look();
  expect(sent).toEqual([{ type: 'look.requested', sourceId: 'linked/latest', lookId: 1 }]);
  emit('look.answered', { lookIds: [2] });
  emit('look.failed', { lookIds: [2], reason: 'timeout' });
  expect(heard.size).toBe(3);
  emit('look.answered', { lookIds: [3, 1] });
  expect(await ended(result)).toEqual(frameOf('camera'));
  expect(asked).toEqual([['linked/latest', undefined]]);
  expect(heard.size).toBe(0);
});

test('looks have numbers of their own', async () => {
  const { look, sent } = stage();
  await look();
  await look();
  expect(sent.map(({ lookId }) => lookId)).toEqual([1, 2]);
});

test('a look takes its region and its size from the frame', async () => {
  const { look, emit, asked } = stage();
  const region = { x: 0, y: 0, width: 0.5, height: 0.5 };
  for (const part of [{ region }, { maxSize: 300 }]) {
    await look(part);
    emit('look.answered', { lookIds: [1, 2] });
    expect(asked.at(-1)).toEqual(['linked/latest', expect.objectContaining(part)]);
  }
});

test.each([
  ['timeout', 'no frame came within 100 ms: is a camera or screen shared?'],
  ['off', "video is off: call setMode('onDemand') first"],
  ['closed', 'the VideoSession was closed'],
])('a look that fails with %s has the remedy', async (reason, message) => {
  const { look, emit, heard } = stage();
  const { result } = await look();
  emit('look.failed', { lookIds: [1], reason });
  await expect(ended(result)).rejects.toMatchObject({ reason, message });
  expect(heard.size).toBe(0);
});

test('a look ends when the session closes, and one before the start fails at once', async () => {
  const { look, close, sent, heard } = stage();
  const { result } = await look();
  close();
  await expect(ended(result)).rejects.toMatchObject({ reason: 'closed' });
  expect(heard.size).toBe(0);
  await expect(ended((await look()).result)).rejects.toMatchObject({
    ...{ reason: 'closed', message: 'look() needs a started VideoSession' },
  });
  expect(sent).toHaveLength(1);
});

test.each<[string, string, boolean]>([
  ['off', 'off', true],
  ['withheld', 'sampled', true],
  ['timeout', 'sampled', false],
])('an answer whose frame is gone is %s in mode %s', async (reason, mode, hasFrame) => {
  const { look, emit, state } = stage({
    latestFrame: async () => undefined,
    hasFrame: () => hasFrame,
  });
  const { result } = await look();
  state.mode = mode;
  emit('look.answered', { lookIds: [1] });
  await expect(ended(result)).rejects.toMatchObject({ reason });
});

test('a frame that cannot be read is an error of the look', async () => {
  const { look, emit } = stage({ latestFrame: () => Promise.reject(new Error('torn')) });
  const { result } = await look();
  emit('look.answered', { lookIds: [1] });
  await expect(ended(result)).rejects.toThrow('torn');
});

test('a timeout names what is missing: a share, or a change of the screen', async () => {
  const messageOf = async (pick: object | undefined, source?: 'camera' | 'screen') => {
    const { look, emit, state } = stage({
      sources: { checkLink: () => {}, current: 'followed', showing: () => 'followed' },
    });
    state.sources = pick ? { followed: { pick } } : {};
    const { result } = await look({ source });
    emit('look.failed', { lookIds: [1], reason: 'timeout' });
    return ended(result).catch(({ message }) => message);
  };
  expect(await messageOf(undefined, 'screen')).toBe('no screen is shared');
  const still = 'the screen sends its next frame when it changes';
  expect(await messageOf({ source: 'screen' })).toMatch(new RegExp(`${still}$`));
  expect(await messageOf({ source: 'screen' }, 'screen')).toMatch(
    new RegExp(`${still}; input.sources: .* keeps the newest frame of both$`),
  );
  expect(await messageOf({ source: 'camera' }, 'camera')).toMatch(
    /is a camera or screen shared\?$/,
  );
});

test('a look at a kind that is not shared fails as off while video is off', async () => {
  const { look, emit } = stage({
    sources: { checkLink: () => {}, current: 'followed', showing: () => 'followed' },
  });
  const { result } = await look({ source: 'screen' });
  emit('look.failed', { lookIds: [1], reason: 'off' });
  await expect(ended(result)).rejects.toThrow("video is off: call setMode('onDemand') first");
});

test.each<[string, SourceKind, 'camera' | 'screen', string[]]>([
  ['is answered by the followed source', 'camera', 'camera', ['followed']],
  ['takes a track without a source for a camera', 'unknown', 'camera', ['followed']],
  [
    'opens a source if the track has changed',
    'screen',
    'camera',
    ['followed', 'look/linked/camera'],
  ],
  ['opens a source if the track has none', 'unknown', 'screen', ['followed', 'look/linked/screen']],
])('a look by name %s', async (_, shown, source, sources) => {
  const frames = [shown, source];
  const { look, emit, sent } = stage({
    sources: { checkLink: () => {}, current: 'current', showing: () => 'followed' },
    latestFrame: async () => frameOf(frames.shift() ?? 'unknown'),
  });
  const { result } = await look({ source });
  for (const lookIds of [[1], [2]]) {
    emit('look.answered', { lookIds });
    await new Promise(setImmediate);
  }
  await ended(result);
  const asked = sent.filter(({ type }) => type === 'look.requested');
  expect(asked.map(({ sourceId }) => sourceId)).toEqual(sources);
});

test('a look at a kind that is not followed opens it', async () => {
  const { look, emit, sent } = stage();
  const { result } = await look({ source: 'screen' });
  emit('look.answered', { lookIds: [1] });
  await ended(result);
  expect(sent.map(({ type }) => type)).toEqual([
    ...['source.opened', 'look.requested', 'source.released'],
  ]);
});

test('a frame that the model was shown answers a look at a region or at a frame', async () => {
  const region = { x: 0, y: 0, width: 0.5, height: 0.5 };
  const asked: unknown[] = [];
  const shown = frameOf('screen');
  const { look, sent } = stage({
    shownFrame: async (...args) => {
      asked.push(args);
      return shown;
    },
  });
  for (const options of [{ region }, { frameId: 7 }, { region, source: 'screen' } as const])
    expect(await ended((await look(options)).result)).toBe(shown);
  expect(asked).toEqual([
    [{ sourceId: 'linked/latest' }, { region }],
    [{ frameId: 7 }, {}],
    [{ kind: 'screen' }, { region }],
  ]);
  expect(sent).toEqual([]);
  // A look at the whole frame is always at a fresh one.
  await look({ maxSize: 300 });
  expect(asked).toHaveLength(3);
});

test('a look is checked', () => {
  expect(checkedLook(undefined)).toEqual({});
  expect(checkedLook('screen')).toEqual({ source: 'screen' });
  const region = { x: 0, y: 0, width: 1, height: 1 };
  expect(checkedLook({ region, maxSize: 5, frameId: 2 })).toEqual({
    ...{ region, maxSize: 5, frameId: 2 },
  });
  const wrong: [string, unknown][] = [
    ['source', 'window'],
    ['region', { region: { ...region, width: 2 } }],
    ['maxSize', { maxSize: 0 }],
    ['frameId', { frameId: 0 }],
  ];
  for (const [option, look] of wrong)
    expect(() => checkedLook(look as LookOptions)).toThrow(expect.objectContaining({ option }));
});

test('a look at a participant is answered by the source that shows this one, or opens one', async () => {
  const ofBob = { ...frameOf('screen'), identity: 'bob' };
  const showing = vi.fn((): string | undefined => 'followed');
  const frames = [{ ...ofBob, identity: 'ada' }, ofBob, ofBob, ofBob];
  const { look, emit, sent } = stage({
    sources: { checkLink: () => {}, current: 'current', showing },
    latestFrame: async () => frames.shift() ?? ofBob,
  });
  const { result } = await look({ participant: 'bob', source: 'screen' });
  expect(showing).toHaveBeenCalledWith('screen', 'bob');
  for (const lookIds of [[1], [2]]) {
    emit('look.answered', { lookIds });
    await new Promise(setImmediate);
  }
  expect(await ended(result)).toBe(ofBob);
  const opened = () => sent.flatMap((event) => ('source' in event ? [event.source] : []));
  expect(opened()).toMatchObject([{ selector: { identity: 'bob', source: 'screen' } }]);
  showing.mockReturnValue(undefined);
  const any = await look({ participant: 'bob' });
  emit('look.answered', { lookIds: [3] });
  expect(await ended(any.result)).toBe(ofBob);
  expect(opened()[1]).toMatchObject({ selector: { identity: 'bob' } });
});

test.each<[LookOptions, string]>([
  [{ participant: 'bob' }, 'bob shares no camera or screen'],
  [{ participant: 'bob', source: 'camera' }, 'bob shares no camera'],
  [{ source: 'camera' }, 'no camera is shared'],
])('a look at %j that finds no track says who shares nothing', async (options, message) => {
  const { look, emit } = stage();
  const { result } = await look(options);
  emit('look.failed', { lookIds: [1], reason: 'timeout' });
  await expect(ended(result)).rejects.toMatchObject({ reason: 'timeout', message });
});

test('a region of a participant is one of a fresh frame, unless a frame of this one is named', async () => {
  const region = { x: 0, y: 0, width: 0.5, height: 0.5 };
  const shownFrame = vi.fn(async () => ({ ...frameOf('camera'), identity: 'ada' }));
  const { look, sent } = stage({ shownFrame });
  await look({ participant: 'bob', region });
  expect(shownFrame).not.toHaveBeenCalled();
  await look({ participant: 'bob', region, frameId: 7 });
  expect(shownFrame).toHaveBeenCalledTimes(1);
  expect(sent.filter(({ type }) => type === 'look.requested')).toHaveLength(2);
  expect((await look({ participant: 'ada', region, frameId: 7 })).result).toBeDefined();
  expect(sent.filter(({ type }) => type === 'look.requested')).toHaveLength(2);
});

test('each look checks first which participant the agent serves', async () => {
  const steps: string[] = [];
  const { look } = stage({
    sources: {
      checkLink: () => void steps.push('check'),
      get current() {
        steps.push('source');
        return 'current';
      },
      showing: () => undefined,
    },
  });
  await look();
  expect(steps).toEqual(['check', 'source']);
});

test('a look whose frame comes after the end of the session fails as closed', async () => {
  const { look, emit, state } = stage({ latestFrame: async () => undefined, hasFrame: () => true });
  const { result } = await look();
  emit('look.answered', { lookIds: [1] });
  state.isOpen = false;
  await expect(ended(result)).rejects.toMatchObject({ reason: 'closed' });
});
