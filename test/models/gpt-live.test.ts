import { EventEmitter } from 'node:events';
import type { llm } from '@livekit/agents';
import { expect, test } from 'vitest';
import { UnsupportedModelError } from '../../src/errors.ts';
import type { EncodedImage } from '../../src/frames/encode.ts';
import { gptLiveVideoSink, isGPTLiveSession } from '../../src/models/gpt-live.ts';
import type { PictureRefusal } from '../../src/models/openai.ts';

const image: EncodedImage = {
  ...{ data: Buffer.from('picture'), mimeType: 'image/jpeg', width: 8, height: 6 },
};

interface SentEvent {
  type: string;
  event_id: string;
  item: { role: string; content: object[] };
}

/** The plugin's session, and a sink for it. */
function stage(detail: 'auto' | 'low' | 'high' = 'low') {
  const sent: SentEvent[] = [];
  const session = Object.assign(new EventEmitter(), {
    opts: {} as { delegation?: string },
    sessionStarted: true,
    connectionDraining: false,
    ws: { readyState: 1, bufferedAmount: 0 } as
      | { readyState: number; bufferedAmount: number }
      | undefined,
    sendEvent: (event: SentEvent) => sent.push(event),
  });
  const wrapped = { duplexSession: session } as unknown as llm.RealtimeSession;
  if (!isGPTLiveSession(wrapped)) throw new Error('no session of GPT-Live');
  const refusals: PictureRefusal[] = [];
  const sink = gptLiveVideoSink(wrapped, {
    detail,
    onRefused: (refusal) => refusals.push(refusal),
  });
  const refuse = (eventId: unknown, error: object = { message: 'too many' }) =>
    session.emit('openai_server_event_received', { error: { client_event_id: eventId, ...error } });
  /** Sends a picture, which the service refuses. */
  const pushRefused = () => {
    const result = sink.push(image);
    refuse(sent.at(-1)?.event_id);
    return result;
  };
  return { session, sink, sent, refusals, refuse, pushRefused };
}

test('a picture is an item of the user with the label before it and the detail asked for', () => {
  const { sink, sent } = stage('high');
  expect(sink.push(image, { sourceId: 'screen', label: 'screen:' })).toBe('sent');
  expect(sink.push(image)).toBe('sent');
  const input = {
    type: 'input_image',
    image_url: `data:image/jpeg;base64,${image.data.toString('base64')}`,
    detail: 'high',
  };
  expect(sent.map(({ type, item }) => ({ type, item }))).toEqual([
    {
      type: 'response.item.create',
      item: {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: 'screen:' }, input],
      },
    },
    {
      type: 'response.item.create',
      item: { type: 'message', role: 'user', content: [input] },
    },
  ]);
  expect(new Set(sent.map(({ event_id }) => event_id)).size).toBe(2);
});

test('a note is an item of the developer', () => {
  const { sink, sent } = stage();
  expect(sink.note('camera', 'The camera is off.', image)).toBe('sent');
  expect(sent[0]?.item).toEqual({
    ...{ type: 'message', role: 'developer' },
    content: [{ type: 'input_text', text: 'The camera is off.' }],
  });
});

test('without a usable connection, neither pictures nor notes are sent', () => {
  const { session, sink, sent } = stage();
  const expectResult = (result: string) => {
    expect(sink.push(image)).toBe(result);
    expect(sink.note('camera', 'off', image)).toBe(result);
    expect(sink.connection()).toBeUndefined();
  };
  const { ws } = session;
  expect(sink.connection()).toBe(ws);
  session.sessionStarted = false;
  expectResult('not-connected');
  session.sessionStarted = true;
  session.ws = undefined;
  expectResult('not-connected');
  session.ws = ws;
  session.connectionDraining = true;
  expectResult('restarting');
  session.connectionDraining = false;
  for (const readyState of [0, 2, 3]) {
    session.ws = { readyState, bufferedAmount: 0 };
    expectResult('closed');
  }
  expect(sent).toEqual([]);
});

test('a picture is held back while more than 64 KB wait in the socket; a note is not', () => {
  const { session, sink, sent } = stage();
  session.ws = { readyState: 1, bufferedAmount: 64 * 1024 };
  expect(sink.push(image)).toBe('sent');
  session.ws.bufferedAmount += 1;
  expect(sink.push(image)).toBe('backpressure');
  expect(sink.note('camera', 'off', image)).toBe('sent');
  expect(sent).toHaveLength(2);
});

test('four refusals in a row end the pictures of this connection, and are reported', () => {
  const { session, sink, refusals, pushRefused } = stage();
  for (let picture = 0; picture < 4; picture++) expect(pushRefused()).toBe('sent');
  expect(refusals).toEqual(
    [false, false, false, true].map((isForGood) => ({ reason: 'too many', isForGood })),
  );
  expect(sink.push(image)).toBe('refused');
  expect(sink.note('camera', 'off', image)).toBe('sent');
  session.ws = { readyState: 1, bufferedAmount: 0 };
  expect(sink.push(image)).toBe('sent');
});

test('a picture that was on its way when the pictures ended is refused without another end', () => {
  const { sink, sent, refusals, refuse } = stage();
  for (let picture = 0; picture < 5; picture++) sink.push(image);
  for (const { event_id } of sent) refuse(event_id);
  expect(refusals.map(({ isForGood }) => isForGood)).toEqual([false, false, false, true, false]);
});

test('a picture that is taken between two refusals starts the count again', () => {
  const { sink, refusals, pushRefused } = stage();
  for (let picture = 0; picture < 3; picture++) pushRefused();
  sink.push(image);
  for (let picture = 0; picture < 3; picture++) expect(pushRefused()).toBe('sent');
  expect(refusals.some(({ isForGood }) => isForGood)).toBe(false);
  expect(pushRefused()).toBe('sent');
  expect(refusals.at(-1)?.isForGood).toBe(true);
});

test('errors about other events than its own pictures are ignored', () => {
  const { session, sink, refusals, refuse } = stage();
  sink.push(image);
  refuse('event_of_the_plugin');
  refuse(undefined);
  session.emit('openai_server_event_received', null);
  session.emit('openai_server_event_received', { error: null });
  session.emit('openai_server_event_received', {});
  expect(refusals).toEqual([]);
});

test('a refusal without a message is reported with its code', () => {
  const { sink, sent, refusals, refuse } = stage();
  sink.push(image);
  refuse(sent[0]?.event_id, { code: 'rate_limit' });
  expect(refusals).toEqual([{ reason: 'rate_limit', isForGood: false }]);
});

test('an application that answers the delegations itself is refused with the remedy', () => {
  const { session } = stage();
  session.opts.delegation = 'client';
  const wrapped = { duplexSession: session } as unknown as Parameters<typeof gptLiveVideoSink>[0];
  expect(() => gptLiveVideoSink(wrapped, { detail: 'auto', onRefused: () => {} })).toThrow(
    UnsupportedModelError,
  );
  session.opts.delegation = 'responses';
  expect(() => gptLiveVideoSink(wrapped, { detail: 'auto', onRefused: () => {} })).not.toThrow();
});

test('only a wrapped session with the members that are used is one of GPT-Live', () => {
  const session = { sendEvent: () => {}, sessionStarted: false, opts: {} };
  const isOne = (value: object) => isGPTLiveSession(value as unknown as llm.RealtimeSession);
  expect(isOne({ duplexSession: session })).toBe(true);
  expect(isOne(session)).toBe(false);
  expect(isOne({ duplexSession: undefined })).toBe(false);
  for (const member of Object.keys(session))
    expect(
      isOne({
        duplexSession: Object.fromEntries(
          Object.entries(session).filter(([name]) => name !== member),
        ),
      }),
    ).toBe(false);
});
