import { EventEmitter } from 'node:events';
import { llm, voice } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AnyActorLogic, createActor, toPromise } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import type { GatePicture } from '../../src/frames/gate.types.ts';
import type { PictureDescriber } from '../../src/models/describe-pictures.ts';
import { MetricsCollector } from '../../src/session/metrics.ts';
import { PipelineVideo, type PipelineVideoDeps } from '../../src/session/pipeline-video.ts';
import { resolveOptions } from '../../src/session/resolve-options.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';
import type { StreamStatus, TrackPick } from '../../src/source.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { until } from '../../src/testing/waits.ts';

const [CAMERA, SCREEN] = ['linked/camera', 'linked/screen'];
const image = { data: Buffer.from('picture'), mimeType: 'image/jpeg' } as unknown as EncodedImage;

const refOf = (id: number, source: FrameRef['source'] = 'camera'): FrameRef => ({
  ...{ id, source, trackSid: `TR_${source}`, identity: 'ada', width: 64, height: 48 },
  receivedAt: Date.now(),
});

/** A picture, and what became of its frame. */
function pictureOf(ref: FrameRef) {
  const state = { isOn: true };
  const done = vi.fn();
  const sourceId = ref.source === 'screen' ? SCREEN : CAMERA;
  const handOver = () => (state.isOn ? image : undefined);
  const picture = { sourceId, ref, size: 100, handOver, done, luma: () => undefined };
  return { state, done, picture: picture as unknown as GatePicture };
}

type Source = { streamStatus: StreamStatus; pick: Partial<TrackPick> | null };

/** The pipeline's side of a session; the test plays the machine and the gate. */
function stage(deps: Partial<PipelineVideoDeps> = {}) {
  const events = new EventEmitter();
  const sent: Record<string, unknown>[] = [];
  const state = { mode: 'sampled', sources: {} as Record<string, Source> };
  const actor = {
    on: (type: string, listener: (event: object) => void) => events.on(type, listener),
    send: (event: Record<string, unknown>) => sent.push(event),
    getSnapshot: () => ({ context: state }),
  } as unknown as SessionActor;
  const frames = new Map<string, FrameRef>();
  const pictures = new Map<string, GatePicture>();
  const gate = {
    newest: (sourceId: string) => frames.get(sourceId) ?? null,
    picture: async ({ sourceId }: { sourceId: string }) => pictures.get(sourceId),
    keepRevocable: () => {},
    clear: vi.fn(),
  };
  const metrics = new MetricsCollector();
  const error = vi.fn();
  const video = new PipelineVideo({
    gate: gate as unknown as PipelineVideoDeps['gate'],
    takesPictures: () => true,
    checkLink: () => {},
    sourceIds: [CAMERA, SCREEN],
    options: resolveOptions({ room: new LoopbackRoom() }).turn,
    images: { one: () => ({}), newest: () => ({ image: {} }) } as never,
    describer: undefined,
    speeches: { close: () => {} } as never,
    metrics,
    reporter: { error } as never,
    ...deps,
  });
  video.connect(actor);
  const agent = new voice.Agent({ instructions: '' });
  const requests: llm.ChatContext[] = [];
  agent.llmNode = async (context) => {
    requests.push(context);
    return null;
  };
  video.follow(agent);
  /** A turn's request to the model; the machine has not answered yet. */
  const ask = () => {
    const context = new llm.ChatContext();
    const message = context.addMessage({ role: 'user', content: 'What is it?' });
    const answered = agent.llmNode(context, llm.ToolContext.empty(), {});
    return { context, message, answered };
  };
  const requested = () => until('the request', () => sent.some(isRequest));
  const isRequest = ({ type }: Record<string, unknown>) => type === 'turn.requested';
  const encode = (frameId: number, requestId: number) => {
    const { encodePicture } = video.turnCompletion().implementations.actors;
    const encoding = createActor(encodePicture as AnyActorLogic, { input: { frameId, requestId } });
    return toPromise(encoding.start());
  };
  /** A turn whose picture is encoded and, unless the outcome is another one, in its request. */
  const turnWith = async (ref: FrameRef, outcome = 'attached') => {
    const one = pictureOf(ref);
    frames.set(one.picture.sourceId, ref);
    pictures.set(one.picture.sourceId, one.picture);
    const turn = ask();
    await requested();
    const { requestId } = sent.find(isRequest) as { requestId: number };
    await encode(ref.id, requestId);
    const ready = () => events.emit('turn.ready', { requestId, outcome, frame: ref });
    return { ...one, ...turn, requestId, ready };
  };
  return {
    video,
    events,
    sent,
    state,
    frames,
    gate,
    metrics,
    error,
    requests,
    ask,
    turnWith,
    encode,
    requested,
    agent,
  };
}

const picturesIn = (context: llm.ChatContext | undefined) =>
  (context?.items ?? []).flatMap((item) =>
    item.type === 'message' ? item.content.filter((part) => typeof part === 'object') : [],
  );

let own: ReturnType<typeof stage>;
beforeEach(() => {
  own = stage();
});
afterEach(() => {
  vi.useRealTimers();
  own.video.close();
});

test('a request whose preparation fails is made without a picture, and the error is reported', async () => {
  const fault = new Error('no link');
  const { ask, requests, error } = stage({
    checkLink: () => {
      throw fault;
    },
  });
  const { context, answered } = ask();
  await answered;
  expect(requests).toEqual([context]);
  expect(error.mock.calls).toEqual([['turn', fault]]);
});

test.each<[StreamStatus, boolean, boolean]>([
  ['opening', true, true],
  ['live', true, true],
  ['paused', true, true],
  ['stalled', true, false],
  ['lost', true, false],
  ['opening', false, false],
])(
  'a turn while the screen is %s, picked: %s, expects a frame: %s',
  async (streamStatus, isPicked, isExpected) => {
    const before = Date.now();
    own.state.sources = {
      [SCREEN]: { streamStatus, pick: isPicked ? { sid: 'TR_screen' } : null },
    };
    own.ask();
    await own.requested();
    const [request] = own.sent;
    expect(request).toMatchObject({ frame: null, frameExpected: isExpected, needsWords: false });
    expect(request?.requestedAt).toBeGreaterThanOrEqual(before);
    expect(request?.requestedAt).toBeLessThanOrEqual(Date.now());
  },
);

test.each([
  ['of pictures', {}, 1150],
  [
    'of words',
    { takesPictures: () => false, describer: { timeoutMs: 4000 } as PictureDescriber },
    5150,
  ],
])(
  'a request %s that the machine does not answer is made after its own limit',
  async (_, deps, limitMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { ask, requests, sent } = stage(deps);
    const { answered } = ask();
    await vi.advanceTimersByTimeAsync(limitMs - 1);
    expect([sent.length, requests.length]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(1);
    await answered;
    expect(picturesIn(requests[0])).toEqual([]);
  },
);

test('a turn that was sent uses up the frame of a camera, and its age is counted', async () => {
  const { done, ready, answered, requestId } = await own.turnWith(refOf(5));
  ready();
  await answered;
  expect(picturesIn(own.requests[0])).toHaveLength(1);
  expect(own.metrics.frameAgeMs.spread().count).toBe(1);
  own.events.emit('turn.cleared', { requestId });
  expect(done.mock.calls).toEqual([['sent']]);
  expect(own.gate.clear.mock.calls).toEqual([[CAMERA, 5]]);
});

test('a turn that was sent leaves the frame of a screen for the next one', async () => {
  const { done, ready, answered, requestId } = await own.turnWith(refOf(5, 'screen'));
  ready();
  await answered;
  own.events.emit('turn.cleared', { requestId });
  expect(done.mock.calls).toEqual([['sent']]);
  expect(own.gate.clear).not.toHaveBeenCalled();
});

test('a turn that the framework discards releases its frame, and uses it not up', async () => {
  const { done, ready, answered, requestId } = await own.turnWith(refOf(5));
  ready();
  await answered;
  own.events.emit('turn.discarded', { requestId });
  expect(done.mock.calls).toEqual([[{ skipped: 'discarded' }]]);
  expect(own.gate.clear).not.toHaveBeenCalled();
});

test.each([
  ['not-described', true, 'not-described'],
  ['over-budget', true, 'discarded'],
  ['not-described', false, 'off'],
])(
  'an encoded picture of a turn that is %s, on: %s, is skipped as %s',
  async (outcome, isOn, skipped) => {
    const { done, state, ready, answered } = await own.turnWith(refOf(5), outcome);
    state.isOn = isOn;
    ready();
    await answered;
    expect(picturesIn(own.requests[0])).toEqual([]);
    expect(done.mock.calls).toEqual([[{ skipped }]]);
  },
);

test('a picture that goes off before its request is made is withdrawn', async () => {
  const { done, state, ready, answered, requestId } = await own.turnWith(refOf(5));
  ready();
  state.isOn = false;
  await answered;
  expect(picturesIn(own.requests[0])).toEqual([]);
  expect(done.mock.calls).toEqual([[{ skipped: 'off' }]]);
  expect(own.sent.at(-1)).toEqual({ type: 'turn.withdrawn', requestId, frameId: 5 });
});

test('a picture that is ready after the end of its request is released, with the reason', async () => {
  const { done, picture } = pictureOf(refOf(5));
  own.frames.set(CAMERA, picture.ref);
  own.gate.picture = async () => picture;
  await expect(own.encode(5, 99)).rejects.toThrow('its request is over');
  expect(done.mock.calls).toEqual([[{ skipped: 'over-budget' }]]);
  own.video.close();
  await expect(own.encode(5, 99)).rejects.toThrow('its request is over');
  expect(done.mock.calls.at(-1)).toEqual([{ skipped: 'closed' }]);
});

test('the end of the session releases the frames of its turns, and the machine gets nothing more', async () => {
  const { done, ready, answered, message } = await own.turnWith(refOf(5));
  ready();
  await answered;
  own.video.committed(message, [[message]]);
  own.video.close();
  expect(done.mock.calls).toEqual([[{ skipped: 'closed' }]]);
  await Promise.resolve();
  expect(own.sent.map(({ type }) => type)).toEqual(['turn.requested']);
});

test('a picture of the own hook of an agent is no error while the video is off', async () => {
  const adding = async (_: llm.ChatContext, message: llm.ChatMessage) => {
    message.content.push(llm.createImageContent({ image: 'https://a.test/9.png' }));
  };
  const agent = new voice.Agent({ instructions: '' });
  agent.onUserTurnCompleted = adding;
  own.video.follow(agent);
  const turn = () =>
    agent.onUserTurnCompleted(
      new llm.ChatContext(),
      llm.ChatMessage.create({ role: 'user', content: ['What is it?'] }),
    );
  own.state.mode = 'off';
  await turn();
  expect(own.error).not.toHaveBeenCalled();
  own.state.mode = 'sampled';
  await turn();
  expect(own.error.mock.calls).toEqual([
    ['own-picture', expect.stringContaining('adds a picture')],
  ]);
});
