import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWire } from '../../src/inspect/parse.ts';
import { MAX_MESSAGE_BYTES } from '../../src/inspect/wire.ts';
import { actorMessage, snapshotMessage } from '../support/inspect.ts';

/** As `createWebSocketInspector` of @statelyai/inspect 0.7 sends them. */
const STATELY = [
  {
    name: 'door',
    type: '@xstate.actor',
    definition: '{"id":"door","initial":"shut","states":{"shut":{},"open":{}}}',
    _version: '0.7.0',
    createdAt: '1775659070123',
    id: null,
    rootId: 'x:0',
    sessionId: 'x:0',
    snapshot: {
      status: 'active',
      value: 'shut',
      context: {},
      children: {},
      tags: [],
      historyValue: {},
    },
  },
  {
    type: '@xstate.event',
    event: { type: 'push' },
    sessionId: 'x:0',
    _version: '0.7.0',
    createdAt: '1775659070124',
    id: null,
    rootId: 'x:0',
  },
  {
    type: '@xstate.snapshot',
    event: { type: 'push' },
    snapshot: { status: 'active', value: 'open', context: {}, children: {} },
    sessionId: 'x:0',
    _version: '0.7.0',
    createdAt: '1775659070124',
    id: null,
    rootId: 'x:0',
  },
];

const parts = {
  type: fc.constantFrom(
    '@xstate.actor',
    '@xstate.event',
    '@xstate.snapshot',
    '@sightline.metrics',
    '@sightline.picture',
    '@sightline.loss',
    '@xstate.microstep',
  ),
  sessionId: fc.oneof(fc.string(), fc.anything()),
  rootId: fc.anything(),
  createdAt: fc.oneof(fc.nat().map(String), fc.anything()),
  id: fc.anything(),
  name: fc.anything(),
  parentId: fc.anything(),
  definition: fc.oneof(fc.json(), fc.anything()),
  event: fc.oneof(fc.record({ type: fc.string() }), fc.anything()),
  snapshot: fc.oneof(fc.record({ value: fc.anything(), children: fc.anything() }), fc.anything()),
  metrics: fc.oneof(fc.dictionary(fc.string(), fc.nat()), fc.anything()),
  data: fc.oneof(fc.base64String(), fc.anything()),
  mimeType: fc.constantFrom('image/jpeg', 'text/html'),
  width: fc.anything(),
  height: fc.nat(),
  dropped: fc.anything(),
};

describe('messages of agents', () => {
  test.each(STATELY)("a message of Stately's inspector is accepted: $type", (message) => {
    const parsed = parseWire(JSON.stringify(message));
    expect(parsed).toMatchObject({ type: message.type, sessionId: 'x:0', rootId: 'x:0' });
  });

  test('unknown fields and secrets of a message are left out', () => {
    const parsed = parseWire(
      JSON.stringify({
        ...snapshotMessage('x:1', 'on', { context: { apiKey: 'k', n: 1 }, tags: ['a'] }),
        extra: 1,
      }),
    );
    expect(parsed).toEqual({
      ...snapshotMessage('x:1', 'on', { context: { apiKey: '[redacted]', n: 1 } }),
    });
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no type', '{"sessionId":"x:0","createdAt":"1"}'],
    ['no actor', '{"type":"@xstate.event","createdAt":"1","event":{"type":"a"}}'],
    ['no time', '{"type":"@xstate.event","sessionId":"x:0","event":{"type":"a"}}'],
    ['an event without a type', JSON.stringify({ ...STATELY[1], event: {} })],
    ['no snapshot', JSON.stringify({ ...STATELY[2], snapshot: 'on' })],
    ['a microstep', JSON.stringify({ ...STATELY[2], type: '@xstate.microstep' })],
    ['a long id', JSON.stringify(actorMessage('x'.repeat(300)))],
    ['values beyond the limits', JSON.stringify(actorMessage('x:0')).padEnd(MAX_MESSAGE_BYTES + 1)],
  ])('a message is refused: %s', (_, text) => {
    expect(parseWire(text)).toBeUndefined();
  });

  const BASE = { sessionId: 'x:1', createdAt: '7', id: '3', _version: 'v' };
  const parsed = (message: object) => parseWire(JSON.stringify({ ...BASE, ...message }));

  test.each(['image/jpeg', 'image/png', 'image/webp'])(
    'a picture is accepted as %s',
    (mimeType) => {
      const picture = { type: '@sightline.picture', mimeType, data: 'QUI=', width: 8, height: 0 };
      expect(parsed({ ...picture, label: 'turn' })).toEqual({ ...BASE, ...picture, label: 'turn' });
      expect(parsed(picture)).toMatchObject({ label: '' });
      const others = [
        { data: '"><b>' },
        { data: 5 },
        { width: -1 },
        { height: 1.5 },
        { width: '8' },
      ];
      for (const other of [...others, { mimeType: 'image/svg+xml' }, { mimeType: undefined }])
        expect(parsed({ ...picture, ...other })).toBeUndefined();
    },
  );

  test('a report of losses has a count, and one of metrics has an object without secrets', () => {
    const loss = { type: '@sightline.loss', dropped: 3 };
    expect(parsed(loss)).toEqual({ ...BASE, ...loss });
    for (const dropped of [-1, '3', undefined])
      expect(parsed({ ...loss, dropped })).toBeUndefined();
    const metrics = { type: '@sightline.metrics', metrics: { looks: 1, apiKey: 'k' } };
    expect(parsed(metrics)).toEqual({
      ...{ ...BASE, ...metrics, metrics: { looks: 1, apiKey: '[redacted]' } },
    });
    expect(parsed({ ...metrics, metrics: [1] })).toBeUndefined();
  });

  test('what any sender names, such as types of events and definitions, has no secrets', () => {
    const secret = 'sk-proj-Planted0123456789abcdefghijklmnop';
    const event = { type: `failed ${secret}`, apiKey: 'k' };
    const messages = [
      { type: '@xstate.actor', name: secret, definition: JSON.stringify({ id: secret }) },
      { type: '@xstate.event', event, sourceId: secret },
      { type: '@xstate.snapshot', event, snapshot: { value: secret } },
    ];
    for (const message of messages) {
      const shown = JSON.stringify(parsed(message));
      expect(shown).toContain('[redacted]');
      expect(shown).not.toContain(secret);
    }
  });

  test('what a message leaves out or has in another form has a value that the page can show', () => {
    expect(parsed({ type: '@xstate.actor' })).toEqual({
      ...{ ...BASE, type: '@xstate.actor', name: 'x:1' },
    });
    const odd = { status: 1, value: 'on', children: ['a'] };
    expect(parsed({ type: '@xstate.snapshot', snapshot: odd })).toEqual({
      ...{ ...BASE, type: '@xstate.snapshot', event: { type: '' }, snapshot: { value: 'on' } },
    });
    expect(
      parsed({ type: '@xstate.actor', definition: 'https://stately.ai/x' }),
    ).not.toHaveProperty('definition');
    for (const createdAt of ['-1', 'soon', null])
      expect(parsed({ type: '@sightline.loss', dropped: 1, createdAt })).toBeUndefined();
    expect(parsed({ type: '@xstate.actor', name: 'n'.repeat(200) })).toMatchObject({
      name: 'n'.repeat(200),
    });
  });

  test('the limit of a message is in bytes', () => {
    const message = JSON.stringify({ ...BASE, type: '@xstate.actor', name: 'x' });
    expect(parseWire(message.padEnd(MAX_MESSAGE_BYTES))).toBeDefined();
    const wide = JSON.stringify({
      ...actorMessage('x:0'),
      more: 'é'.repeat(MAX_MESSAGE_BYTES / 2),
    });
    expect(parseWire(wide)).toBeUndefined();
  });

  test('deeply nested lists are cut without an error', () => {
    const deep = `{"type":"@xstate.snapshot","sessionId":"x","createdAt":"1","event":{"type":"a"},"snapshot":{"value":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`;
    expect(() => parseWire(deep)).not.toThrow();
  });

  test('any text is parsed without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseWire(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('any accepted message is accepted again, unchanged', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.record(parts, { requiredKeys: ['type'] }), (message) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(message);
        } catch {
          return;
        }
        const parsed = parseWire(text ?? '');
        if (!parsed) return;
        taken++;
        expect(parsed.sessionId.length).toBeGreaterThan(0);
        expect(parseWire(JSON.stringify(parsed))).toEqual(parsed);
      }),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
