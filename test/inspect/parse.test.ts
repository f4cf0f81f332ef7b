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
