import { EventEmitter } from 'node:events';
import { llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { openaiVideoSink, type PictureRefusal } from '../../src/models/openai.ts';
import type { OpenAIRealtimeSession } from '../../src/models/openai-session.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

const OPEN = 1;
const CLOSED = 3;
const image = (): EncodedImage => ({
  ...{ data: Buffer.from('picture'), mimeType: 'image/jpeg', width: 64, height: 48 },
});
const settled = () => new Promise(setImmediate);

interface Sent {
  type: string;
  event_id: string;
  item_id?: string;
  item?: { id: string; role: string; content: Record<string, string>[] };
}

class Socket extends EventEmitter {
  readyState = OPEN;
  bufferedAmount = 0;
  readonly close = vi.fn();
  readonly #sent: Sent[] = [];

  send(data: string): void {
    this.#sent.push(JSON.parse(data));
  }

  /** The new messages to the server. */
  take(): Sent[] {
    return this.#sent.splice(0);
  }
}

/** A session of the plugin, and the sink for it. */
function stage(keepPictures = 1) {
  const events = new EventEmitter();
  const remote = new Map<string, unknown>();
  const ends: (() => void)[] = [];
  const written: llm.ChatContext[] = [];
  const steps: string[] = [];
  /** What a write of the plugin waits for. */
  const writing = { until: Promise.resolve() };
  const plugin = Object.assign(events, {
    chatCtx: llm.ChatContext.empty(),
    remoteChatCtx: remote,
    runWs: () => new Promise<void>((resolve) => void ends.push(resolve)),
    updateChatCtx: async (context: llm.ChatContext) => {
      written.push(context);
      await writing.until;
    },
    close: async () => void steps.push('plugin'),
  });
  const session = plugin as unknown as OpenAIRealtimeSession;
  const refusals: PictureRefusal[] = [];
  const sink = openaiVideoSink(session, {
    ...{ keepPictures, detail: 'low' },
    onRefused: (refusal) => refusals.push(refusal),
  });
  /** Opens a connection. The plugin's loop is over when its end is called. */
  const connect = () => {
    const socket = new Socket();
    void session.runWs(socket);
    return { socket, end: ends.at(-1) ?? (() => {}) };
  };
  const server = (event: object | null) => events.emit('openai_server_event_received', event);
  /** The server accepts the item, which is then part of the plugin's list. */
  const accept = async (id: string) => {
    server({ type: 'conversation.item.added', item: { id } });
    remote.set(id, {});
    await settled();
  };
  const refuse = (id: string, error: object = { message: 'no pictures' }) =>
    server({ type: 'error', error: { event_id: `${id}_create`, ...error } });
  const confirmDeleted = (id: string) => server({ type: 'conversation.item.deleted', item_id: id });
  return {
    ...{ session, sink, remote, written, writing, steps, refusals },
    ...{ connect, server, accept, refuse, confirmDeleted },
  };
}

/** Pushes a picture. @returns the id of its item. */
function pushed(
  { sink }: ReturnType<typeof stage>,
  socket: Socket,
  origin?: Parameters<typeof sink.push>[1],
  picture = image(),
): string {
  expect(sink.push(picture, origin)).toBe('sent');
  const id = socket.take()[0]?.item?.id;
  if (id === undefined) throw new Error('no item was sent');
  return id;
}

const deletions = (socket: Socket) =>
  socket.take().flatMap(({ type, item_id }) => (type.endsWith('.delete') ? [item_id] : []));

test('a picture is one item of the user, with its label before it and the detail of the options', () => {
  const at = stage();
  const { socket } = at.connect();
  at.sink.push(image(), { sourceId: 'screen', label: 'screen:' });
  at.sink.push(image());
  const [labelled, plain] = socket.take();
  const url = `data:image/jpeg;base64,${Buffer.from('picture').toString('base64')}`;
  const picture = { type: 'input_image', image_url: url, detail: 'low' };
  expect(labelled?.item?.content).toEqual([{ type: 'input_text', text: 'screen:' }, picture]);
  expect(plain?.item).toMatchObject({ type: 'message', role: 'user', content: [picture] });
  expect(plain?.event_id).toBe(`${plain?.item?.id}_create`);
  expect(plain?.item?.id).not.toBe(labelled?.item?.id);
});

test('a picture is held back without a connection, behind much data, and behind two without an answer', async () => {
  const at = stage();
  expect(at.sink.push(image())).toBe('not-connected');
  const { socket } = at.connect();
  socket.bufferedAmount = 64 * 1024 + 1;
  expect(at.sink.push(image())).toBe('backpressure');
  socket.bufferedAmount = 64 * 1024;
  const first = pushed(at, socket);
  pushed(at, socket);
  expect(at.sink.push(image())).toBe('backpressure');
  await at.accept(first);
  expect(at.sink.push(image())).toBe('sent');
  socket.readyState = CLOSED;
  expect(at.sink.push(image())).toBe('closed');
  expect(at.sink.connection()).toBeUndefined();
});

test('an old picture is deleted after the newer one of its source is accepted, not before', async () => {
  const at = stage(1);
  const { socket } = at.connect();
  const origin = { sourceId: 'camera' };
  const first = pushed(at, socket, origin);
  await at.accept(first);
  const screen = pushed(at, socket, { sourceId: 'screen' });
  await at.accept(screen);
  const second = pushed(at, socket, origin);
  expect(deletions(socket)).toEqual([]);
  await at.accept(second);
  expect(deletions(socket)).toEqual([first]);
  await at.accept(second);
  expect(deletions(socket)).toEqual([]);
});

test('as many pictures of a source stay as the options say', async () => {
  const at = stage(2);
  const { socket } = at.connect();
  const origin = { sourceId: 'camera' };
  const ids: string[] = [];
  const deleted: unknown[] = [];
  for (let picture = 0; picture < 4; picture++) {
    const id = pushed(at, socket, origin);
    await at.accept(id);
    ids.push(id);
    deleted.push(...deletions(socket));
  }
  expect(deleted).toEqual(ids.slice(0, 2));
});

test('all pictures are acknowledged when each is accepted or refused, or the connection ends', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const done: string[] = [];
  await at.sink.acknowledged();
  const [first, second] = [pushed(at, socket), pushed(at, socket)];
  void at.sink.acknowledged().then(() => done.push('answered'));
  await at.accept(first);
  expect(done).toEqual([]);
  at.refuse(second);
  await settled();
  expect(done).toEqual(['answered']);
  const third = pushed(at, socket);
  void at.sink.acknowledged().then(() => done.push('accepted'));
  await at.accept(third);
  expect(done).toEqual(['answered', 'accepted']);
  pushed(at, socket);
  void at.sink.acknowledged().then(() => done.push('ended'));
  socket.emit('close');
  await settled();
  expect(done).toEqual(['answered', 'accepted', 'ended']);
});

test('a service that accepts no picture gets no more after four refusals, until the next connection', async () => {
  const at = stage();
  const { socket, end } = at.connect();
  for (const error of [{}, { message: '' }, { message: null }, { message: 'no' }])
    at.refuse(pushed(at, socket), { code: 'no_image', ...error });
  expect(at.refusals).toEqual([
    { reason: 'no_image', isForGood: false },
    { reason: 'no_image', isForGood: false },
    { reason: 'no_image', isForGood: false },
    { reason: 'no', isForGood: true },
  ]);
  expect(at.sink.push(image())).toBe('refused');
  end();
  await settled();
  const next = at.connect();
  at.refuse(pushed(at, next.socket));
  expect(at.refusals.at(-1)).toEqual({ reason: 'no pictures', isForGood: false });
});

test('a service that accepted a picture gets more on this connection, however many it refuses', async () => {
  const at = stage();
  const { socket } = at.connect();
  await at.accept(pushed(at, socket));
  for (let refusal = 0; refusal < 6; refusal++) at.refuse(pushed(at, socket));
  expect(at.refusals).toHaveLength(6);
  expect(at.refusals.some(({ isForGood }) => isForGood)).toBe(false);
  socket.emit('close');
  const next = at.connect();
  for (let refusal = 0; refusal < 4; refusal++) at.refuse(pushed(at, next.socket));
  expect(at.refusals.at(-1)?.isForGood).toBe(true);
});

test('a refused picture is not deleted: the server does not have it', async () => {
  const at = stage();
  const { socket } = at.connect();
  at.refuse(pushed(at, socket));
  await at.accept(pushed(at, socket));
  expect(deletions(socket)).toEqual([]);
});

test('an answer about an item of the plugin, and one without any content, changes nothing', async () => {
  const at = stage();
  const { socket } = at.connect();
  pushed(at, socket);
  const events = [null, {}, { type: 'error' }, { type: 'error', error: null }];
  for (const event of [...events, { type: 'conversation.item.added', item: null }])
    at.server(event);
  await at.accept('item_of_the_plugin');
  at.refuse('item_of_the_plugin');
  expect(at.refusals).toEqual([]);
  pushed(at, socket);
  expect(at.sink.push(image())).toBe('backpressure');
});

test('the end of a connection takes its items out of what the plugin sends on the next one', async () => {
  const at = stage();
  const { socket } = at.connect();
  const before = at.sink.connection();
  const origin = { sourceId: 'camera' };
  const leaving = pushed(at, socket, origin);
  await at.accept(leaving);
  const kept = pushed(at, socket, origin);
  await at.accept(kept);
  at.sink.note('camera', 'The camera is off.', image());
  const note = socket.take().at(-1)?.item?.id ?? '';
  await at.accept(note);
  await at.accept('words_of_the_user');
  expect([...at.remote.keys()]).toEqual([leaving, kept, note, 'words_of_the_user']);
  socket.emit('close');
  expect([...at.remote.keys()]).toEqual(['words_of_the_user']);
  expect(at.sink.connection()).toBeUndefined();
  expect(at.sink.push(image())).toBe('not-connected');
  const next = at.connect();
  expect(at.sink.connection()).toBeDefined();
  expect(at.sink.connection()).not.toBe(before);
  // The pictures of the last connection count no more.
  await at.accept(pushed(at, next.socket, origin));
  expect(deletions(next.socket)).toEqual([]);
});

test('a connection that closes after the next one is open does not end the next one', async () => {
  const at = stage();
  const old = at.connect();
  const next = at.connect();
  const current = at.sink.connection();
  old.socket.emit('close');
  old.end();
  await settled();
  expect(at.sink.connection()).toBe(current);
  expect(at.sink.push(image())).toBe('sent');
  expect(next.socket.take()).toHaveLength(1);
});

test("a connection whose plugin's loop ends is over, although its socket does not say so", async () => {
  const at = stage();
  const { end } = at.connect();
  end();
  await settled();
  expect(at.sink.push(image())).toBe('not-connected');
});

test('the close of a session closes its socket, which the plugin leaves open', async () => {
  const at = stage();
  const { socket } = at.connect();
  socket.close.mockImplementation(() => void at.steps.push('socket'));
  await at.session.close();
  expect(at.steps).toEqual(['plugin', 'socket']);
});

test('a picture or a source that is taken away is deleted, and nothing else', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const [taken, other] = [image(), image()];
  const add = async (sourceId: string, picture: EncodedImage) => {
    const id = pushed(at, socket, { sourceId }, picture);
    await at.accept(id);
    return id;
  };
  const first = await add('camera', taken);
  const second = await add('camera', other);
  const screen = await add('screen', image());
  at.sink.forget(taken);
  expect(deletions(socket)).toEqual([first]);
  at.sink.forgetSource('screen');
  expect(deletions(socket)).toEqual([screen]);
  at.sink.forgetSource('camera');
  at.sink.forgetSource('camera');
  expect(deletions(socket)).toEqual([second]);
});

test('a picture that is taken away before it is accepted is deleted when it is', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const taken = image();
  const id = pushed(at, socket, undefined, taken);
  at.sink.forget(taken);
  expect(socket.take()).toEqual([]);
  await at.accept(id);
  expect(deletions(socket)).toEqual([id]);
});

test('a note about a source replaces the earlier one of this source, if the server has it', async () => {
  const at = stage();
  expect(at.sink.note('camera', 'off', image())).toBe('not-connected');
  const { socket } = at.connect();
  const say = (sourceId: string, words: string) => {
    expect(at.sink.note(sourceId, words, image())).toBe('sent');
    return socket.take();
  };
  const [first] = say('camera', 'off');
  expect(first?.item).toMatchObject({
    ...{ role: 'system', content: [{ type: 'input_text', text: 'off' }] },
  });
  expect(say('camera', 'off again')).toHaveLength(1);
  const last = say('screen', 'off too')[0]?.item?.id ?? '';
  await at.accept(last);
  expect(say('camera', 'off once more')).toHaveLength(1);
  const [deletion, note] = say('screen', 'off for good');
  expect(deletion).toMatchObject({ type: 'conversation.item.delete', item_id: last });
  expect(note?.item?.content[0]?.text).toBe('off for good');
});

test('a model whose last picture the plugin deletes has lost what it saw', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const before = at.sink.connection();
  const [first, second] = [pushed(at, socket), pushed(at, socket)];
  for (const id of [first, second]) await at.accept(id);
  at.confirmDeleted(first);
  at.confirmDeleted('item_of_the_plugin');
  expect(at.sink.connection()).toBe(before);
  at.confirmDeleted(second);
  const after = at.sink.connection();
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
  at.confirmDeleted('item_of_the_plugin');
  expect(at.sink.connection()).toBe(after);
});

test('a context is written after the deletions under way, and nothing is deleted meanwhile', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const pictures = [image(), image()] as const;
  const ids = [
    pushed(at, socket, undefined, pictures[0]),
    pushed(at, socket, undefined, pictures[1]),
  ];
  for (const id of ids) await at.accept(id);
  at.sink.forget(pictures[0]);
  expect(deletions(socket)).toEqual([ids[0]]);
  const context = llm.ChatContext.empty();
  const updated = at.session.updateChatCtx(context);
  at.sink.forget(pictures[1]);
  await settled();
  expect([at.written, deletions(socket)]).toEqual([[], []]);
  at.confirmDeleted(ids[0] ?? '');
  await updated;
  expect(at.written).toEqual([context]);
  expect(deletions(socket)).toEqual([ids[1]]);
});

test('nothing is deleted while the plugin writes a context, which the caller waits for', async () => {
  const at = stage(9);
  const { socket } = at.connect();
  const taken = image();
  const id = pushed(at, socket, undefined, taken);
  await at.accept(id);
  let end = () => {};
  at.writing.until = new Promise((resolve) => {
    end = resolve;
  });
  const done: string[] = [];
  const updated = at.session.updateChatCtx(llm.ChatContext.empty()).then(() => done.push('caller'));
  await settled();
  at.sink.forget(taken);
  await settled();
  expect([at.written.length, deletions(socket), done]).toEqual([1, [], []]);
  end();
  await updated;
  expect(deletions(socket)).toEqual([id]);
});

test.each([
  [
    'fails',
    (at: ReturnType<typeof stage>, id: string) =>
      at.server({ type: 'error', error: { event_id: `${id}_delete` } }),
  ],
  ['takes a second', () => vi.advanceTimersByTime(1)],
  [
    'is lost with its connection',
    (_at: ReturnType<typeof stage>, _id: string, socket: Socket) => socket.emit('close'),
  ],
])('a context is written although a deletion %s', async (_, happen) => {
  const at = stage(9);
  const { socket } = at.connect();
  const taken = image();
  const id = pushed(at, socket, undefined, taken);
  await at.accept(id);
  at.sink.forget(taken);
  const updated = at.session.updateChatCtx(llm.ChatContext.empty());
  await settled();
  vi.advanceTimersByTime(999);
  await settled();
  expect(at.written).toHaveLength(0);
  happen(at, id, socket);
  await updated;
  expect(at.written).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
