import type { VideoFrame, VideoTrack } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Actor, type AnyActorRef, createActor, setup } from 'xstate';
import { PublicationSwitches } from '../../src/actors/publication-switches.ts';
import { videoStream } from '../../src/actors/video-stream.ts';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';
import type {
  FrameSource,
  FrameSourceHandlers,
  SourceFrame,
} from '../../src/frames/frame-source.ts';
import { NewestFrameSlot } from '../../src/frames/newest-frame.ts';
import { rtcEngine } from '../../src/internals/rtc-engine.ts';
import type { VideoLayer } from '../../src/internals/rtc-publication-control.ts';
import type { StreamReport, StreamRequest } from '../../src/machines/source.types.ts';
import type { TrackPick } from '../../src/source.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { fileCamera } from '../support/camera.ts';

const STREAM = 7;

/** A source whose frames the test makes. */
class FakeSource implements FrameSource {
  readonly via = 'video-stream';
  reads = true;
  readonly closed = deferred<void>();
  readonly handlers: FrameSourceHandlers;
  closes = 0;

  constructor(handlers: FrameSourceHandlers) {
    this.handlers = handlers;
  }

  frame(width = 320, isBlack = false): SourceFrame & { released: number } {
    const frame = {
      width,
      height: 180,
      rotation: 0 as const,
      released: 0,
      isBlack: () => isBlack,
      read: (): VideoFrame => expect.fail('it is not used'),
      release: () => void frame.released++,
    };
    this.handlers.onFrame(frame);
    return frame;
  }

  rest(): void {
    this.reads = false;
  }

  read(): boolean {
    const rested = !this.reads;
    this.reads = true;
    return rested;
  }

  close(): Promise<void> {
    this.closes++;
    return this.closed.promise;
  }
}

const camera = fileCamera();
let room: LoopbackRoom;
let pick: TrackPick;
let ledger: FrameLedger;
let slot: NewestFrameSlot;
let sources: FakeSource[];
let opened: VideoTrack[];
let closings: Promise<void>[];
let reports: StreamReport[];
let parent: Actor<ReturnType<typeof machine>> | undefined;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  room = new LoopbackRoom();
  room.join('ada');
  const { sid } = room.publish('ada', camera.track, camera.source);
  await Promise.resolve();
  pick = { sid, identity: 'ada', source: 'camera' };
  ledger = new FrameLedger();
  slot = new NewestFrameSlot(ledger);
  sources = [];
  opened = [];
  closings = [];
  reports = [];
});
afterEach(() => {
  parent?.stop();
  vi.useRealTimers();
});

function machine(fail?: Error, stallAfterMs = 5000, layer: VideoLayer = 'high') {
  const stream = videoStream({
    room,
    intake: () => slot,
    layer: () => layer,
    switches: new PublicationSwitches(),
    stallAfterMs,
    open: (track, handlers) => {
      if (fail) throw fail;
      opened.push(track);
      const source = new FakeSource(handlers);
      sources.push(source);
      return source;
    },
    onClosing: (closing) => closings.push(closing),
  });
  return setup({
    types: { events: {} as StreamReport | StreamRequest },
    actors: { stream },
  }).createMachine({
    initial: 'watching',
    states: {
      watching: {
        invoke: {
          src: 'stream',
          id: 'stream',
          input: { sourceId: 'linked/latest', streamId: STREAM, pick },
        },
      },
      over: {},
    },
    on: {
      'stream.close': { actions: ({ self, event }) => pass(self, event) },
      'stream.pause': { actions: ({ self, event }) => pass(self, event) },
      'stream.resume': { actions: ({ self, event }) => pass(self, event) },
      'stream.rest': { actions: ({ self, event }) => pass(self, event) },
      'stream.read': { actions: ({ self, event }) => pass(self, event) },
      'stream.closed': { target: '.over', actions: ({ event }) => reports.push(event) },
      '*': { actions: ({ event }) => reports.push(event as StreamReport) },
    },
  });
}

const pass = (parent: AnyActorRef, request: StreamRequest) =>
  parent.getSnapshot().children.stream?.send(request);

function watch(...options: Parameters<typeof machine>): FakeSource {
  parent = createActor(machine(...options)).start();
  const [source] = sources;
  if (!source) throw new Error('nothing was opened');
  return source;
}

const types = () => reports.map(({ type }) => type);
const settled = () => new Promise(setImmediate);

describe('a stream', () => {
  test('a stream opens the track of the pick and puts its frames into the slot', () => {
    const source = watch();
    expect(opened).toEqual([camera.track]);
    expect(reports).toEqual([{ type: 'stream.opened', streamId: STREAM }]);
    const first = source.frame();
    source.frame(640);
    expect(slot.newest).toEqual({
      id: 2,
      trackSid: pick.sid,
      identity: 'ada',
      source: 'camera',
      width: 640,
      height: 180,
      receivedAt: expect.any(Number),
    });
    expect(first.released).toBe(1);
  });

  test('a stream of a small layer leaves the track in full size to its next reader', () => {
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(pick.sid);
    Object.assign(publication ?? {}, { ffiHandle: { handle: 7n } });
    const engine = rtcEngine();
    if (!engine) throw new Error('rtc-node has no engine');
    const { LOW, HIGH } = engine.bindings.VideoQuality;
    const layers: unknown[] = [];
    vi.spyOn(engine.client, 'request').mockImplementation((request) => {
      layers.push((request as { message: { value: { quality: unknown } } }).message.value.quality);
      return {} as never;
    });
    watch(undefined, undefined, 'low');
    expect(layers).toEqual([LOW]);
    parent?.stop();
    expect(layers).toEqual([LOW, HIGH]);
    vi.restoreAllMocks();
  });

  test('a stream gives a sign of life regularly, not with each frame', () => {
    const source = watch();
    for (let ms = 0; ms <= 1000; ms += 50) {
      source.frame();
      vi.advanceTimersByTime(50);
    }
    expect(types()).toEqual(['stream.opened', 'stream.frame', 'stream.frame', 'stream.frame']);
    expect(ledger.counts().received).toBe(21);
  });

  test('a stream gives a sign of life often enough for a short stall limit', () => {
    const source = watch(undefined, 100);
    let lastSignAt = 0;
    for (let ms = 0; ms <= 1000; ms += 20) {
      const signs = reports.length;
      source.frame();
      if (reports.length > signs) lastSignAt = ms;
      expect(ms - lastSignAt).toBeLessThan(100);
      vi.advanceTimersByTime(20);
    }
  });

  test('a stream does not count a frame without a picture as a sign of life', () => {
    const source = watch();
    source.frame(8);
    expect(types()).toEqual(['stream.opened']);
    expect(ledger.counts()).toMatchObject({ received: 0, placeholders: 1 });
  });

  test('a stream reports that its track ended by itself', () => {
    watch().handlers.onEnd();
    expect(reports.at(-1)).toEqual({ type: 'stream.ended', streamId: STREAM });
  });

  test('a stream reports that its track ended at once', () => {
    parent = createActor(machine()).start();
    sources[0]?.handlers.onEnd(new Error('gone'));
    expect(types()).toEqual(['stream.opened', 'stream.ended']);
  });
});

describe('a pause of a stream', () => {
  /** What the server is asked for, in order: whether it sends the track. */
  let asked: unknown[];
  beforeEach(() => {
    asked = [];
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(pick.sid);
    Object.assign(publication ?? {}, { ffiHandle: { handle: 7n } });
    const engine = rtcEngine();
    if (!engine) throw new Error('rtc-node has no engine');
    vi.spyOn(engine.client, 'request').mockImplementation((request) => {
      asked.push((request as { message: { value: { enabled: unknown } } }).message.value.enabled);
      return {} as never;
    });
  });
  afterEach(() => void vi.restoreAllMocks());
  const send = (type: StreamRequest['type']) => parent?.send({ type });

  test('a frame from before a pause is not the newest one after it', () => {
    const source = watch();
    const old = source.frame();
    send('stream.pause');
    expect(source.frame().released).toBe(1);
    expect(slot.newest?.id).toBe(1);
    send('stream.resume');
    expect(slot.newest).toBeNull();
    expect(old.released).toBe(1);
    source.frame();
    expect(slot.newest?.id).toBe(2);
  });

  test('a stream that is paused or resumed twice asks the server once', () => {
    watch();
    send('stream.resume');
    expect(asked).toEqual([]);
    send('stream.pause');
    send('stream.pause');
    expect(asked).toEqual([false]);
    send('stream.resume');
    send('stream.resume');
    expect(asked).toEqual([false, true]);
  });

  test('the first frame after a pause is reported at once, with its delay, and the next one without', () => {
    const source = watch();
    source.frame();
    vi.advanceTimersByTime(50);
    send('stream.pause');
    send('stream.resume');
    vi.advanceTimersByTime(120);
    source.frame();
    expect(reports.at(-1)).toMatchObject({ type: 'stream.frame', afterMs: 120 });
    vi.advanceTimersByTime(500);
    source.frame();
    expect(reports.at(-1)).toEqual({ type: 'stream.frame', streamId: STREAM, gapMs: 500 });
    expect(types()).toHaveLength(4);
  });

  test('a black frame just after a pause is the last one from before it, a later one a dark room', () => {
    const source = watch();
    // A room can be dark from the start.
    expect(source.frame(320, true).released).toBe(0);
    send('stream.pause');
    send('stream.resume');
    vi.advanceTimersByTime(999);
    expect(source.frame(320, true).released).toBe(1);
    expect(source.frame().released).toBe(0);
    vi.advanceTimersByTime(1);
    expect(source.frame(320, true).released).toBe(0);
  });

  test('a stream that ends while it is paused leaves its track on for the next reader, once', () => {
    watch();
    send('stream.pause');
    send('stream.close');
    parent?.stop();
    expect(asked).toEqual([false, true]);
  });

  test('a stream whose track the server cannot be asked about is not paused', () => {
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(pick.sid);
    Object.assign(publication ?? {}, { ffiHandle: undefined });
    const source = watch();
    send('stream.pause');
    source.frame();
    expect(slot.newest?.id).toBe(1);
    send('stream.resume');
    expect(slot.newest?.id).toBe(1);
  });
});

describe('a rest of a stream', () => {
  const send = (type: StreamRequest['type']) => parent?.send({ type });

  test('a stream at rest reads nothing and keeps its newest frame', () => {
    const source = watch();
    const frame = source.frame();
    send('stream.rest');
    expect(source.reads).toBe(false);
    expect(slot.newest?.id).toBe(1);
    expect(frame.released).toBe(0);
    send('stream.read');
    expect(source.reads).toBe(true);
    expect(slot.newest?.id).toBe(1);
  });

  test('the first frame after a rest is reported at once, with the time that it took', () => {
    const source = watch();
    source.frame();
    send('stream.rest');
    vi.advanceTimersByTime(100);
    send('stream.read');
    vi.advanceTimersByTime(40);
    source.frame();
    expect(reports.slice(2)).toEqual([{ type: 'stream.frame', streamId: STREAM, gapMs: 40 }]);
  });

  test('the reports of a stream that was not at rest are not changed by a request to read', () => {
    const source = watch();
    source.frame();
    send('stream.read');
    vi.advanceTimersByTime(100);
    source.frame();
    expect(types()).toEqual(['stream.opened', 'stream.frame']);
  });

  test('a stream reports the mean time between its frames', () => {
    const source = watch();
    for (let frame = 0; frame <= 10; frame++) {
      source.frame();
      vi.advanceTimersByTime(50);
    }
    expect(reports.slice(1)).toEqual([
      { type: 'stream.frame', streamId: STREAM },
      { type: 'stream.frame', streamId: STREAM, gapMs: 50 },
    ]);
  });

  test('a stream that is closing is neither put to rest nor read again', () => {
    const source = watch();
    send('stream.rest');
    send('stream.close');
    send('stream.read');
    expect(source.reads).toBe(false);
    source.reads = true;
    send('stream.rest');
    expect(source.reads).toBe(true);
  });

  test('a stream that is paused is not put to rest, so that it reads after the pause', () => {
    const publication = room.remoteParticipants.get('ada')?.trackPublications.get(pick.sid);
    Object.assign(publication ?? {}, { ffiHandle: { handle: 7n } });
    const engine = rtcEngine();
    if (!engine) throw new Error('rtc-node has no engine');
    vi.spyOn(engine.client, 'request').mockReturnValue({} as never);
    const source = watch();
    send('stream.pause');
    send('stream.rest');
    send('stream.resume');
    expect(source.reads).toBe(true);
    vi.restoreAllMocks();
  });
});

describe('a stream that cannot be opened', () => {
  test('a stream that cannot be opened reports why', () => {
    parent = createActor(machine(new Error('no such handle'))).start();
    expect(reports).toEqual([
      { type: 'stream.openFailed', streamId: STREAM, error: 'Error: no such handle' },
    ]);
  });

  test('a stream of a track that is not subscribed cannot be opened', () => {
    room.leave('ada');
    parent = createActor(machine()).start();
    expect(reports).toEqual([
      {
        type: 'stream.openFailed',
        streamId: STREAM,
        error: `Error: track ${pick.sid} is not subscribed`,
      },
    ]);
  });

  test('a stream that could not be opened can be closed', async () => {
    parent = createActor(machine(new Error('no such handle'))).start();
    parent.send({ type: 'stream.close' });
    await settled();
    expect(types()).toEqual(['stream.openFailed', 'stream.closed']);
  });
});

describe('the end of a stream', () => {
  test('the end of a stream empties the slot at once, and is reported when the source has ended', async () => {
    const source = watch();
    const frame = source.frame();
    parent?.send({ type: 'stream.close' });
    expect(slot.newest).toBeNull();
    expect(frame.released).toBe(1);
    await settled();
    expect(types()).not.toContain('stream.closed');
    source.closed.resolve();
    await settled();
    expect(reports.at(-1)).toEqual({ type: 'stream.closed', streamId: STREAM });
    expect(source.closes).toBe(1);
    expect(closings).toHaveLength(1);
  });

  test('the end of a stream lets no late frame into the slot, and frees its memory', () => {
    const source = watch();
    parent?.send({ type: 'stream.close' });
    const late = source.frame();
    expect(slot.newest).toBeNull();
    expect(late.released).toBe(1);
    expect(ledger.counts()).toMatchObject({ received: 0, held: 0 });
    expect(types()).toEqual(['stream.opened']);
  });

  test('the end of a stream is reported even if the source fails to end', async () => {
    const source = watch();
    parent?.send({ type: 'stream.close' });
    source.closed.reject(new Error('stuck'));
    await settled();
    expect(reports.at(-1)).toEqual({ type: 'stream.closed', streamId: STREAM });
    await expect(Promise.all(closings)).resolves.toBeDefined();
  });

  test('a stream ends with its parent, which can wait for it', async () => {
    const source = watch();
    source.frame();
    parent?.stop();
    expect(source.closes).toBe(1);
    expect(slot.newest).toBeNull();
    const frame = source.frame();
    expect(frame.released).toBe(1);
    source.closed.resolve();
    await Promise.all(closings);
    expect(closings).toHaveLength(1);
  });
});
