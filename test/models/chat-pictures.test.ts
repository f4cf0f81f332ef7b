import { llm } from '@livekit/agents';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameRef } from '../../src/frame.ts';
import {
  countPictures,
  forgetOldPictures,
  keepNewestPictures,
  showContent,
  turnPicture,
  withContent,
  withdrawTurnPicture,
  withTurnPictures,
} from '../../src/models/chat-pictures.ts';

const URL = 'data:image/jpeg;base64,AAAA';

const frame = (id: number, source: FrameRef['source'] = 'camera'): FrameRef => ({
  id,
  trackSid: 'TR_1',
  identity: 'ada',
  source,
  width: 320,
  height: 180,
  receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
});
const picture = (id: number, source?: FrameRef['source']) =>
  turnPicture(URL, 'image/jpeg', frame(id, source), 'auto');
const foreign = () => llm.createImageContent({ image: URL });

const message = (role: llm.ChatRole, ...content: llm.ChatContent[]) =>
  llm.ChatMessage.create({ role, content });

function context(...items: llm.ChatItem[]): llm.ChatContext {
  return new llm.ChatContext(items);
}

const line = (source = 'camera') => `[a picture of the ${source} at 03:04:05 UTC, no longer shown]`;

const contents = (items: readonly llm.ChatItem[]) =>
  items.map((item) => (item.type === 'message' ? item.content : item.type));

describe('keepNewestPictures', () => {
  test('keepNewestPictures keeps the newest ones, and each older one becomes a line with time and source', () => {
    const pictures = [picture(1), picture(2, 'screen'), picture(3)];
    const [first, second, third] = pictures;
    if (!first || !second || !third) throw new Error('three pictures');
    const before = context(
      message('user', 'one', first),
      message('assistant', 'Yes.'),
      message('user', second, 'two'),
      message('user', 'three', third),
    );
    expect(contents(keepNewestPictures(before, 1).items)).toEqual([
      ['one', line()],
      ['Yes.'],
      [line('screen'), 'two'],
      ['three', third],
    ]);
    expect(contents(keepNewestPictures(before, 2).items)[2]).toEqual([second, 'two']);
    expect(contents(keepNewestPictures(before, 9).items)).toEqual(contents(before.items));
    expect(countPictures(keepNewestPictures(before, 0))).toBe(0);
    expect(countPictures(before)).toBe(3);
  });

  test('keepNewestPictures calls a source without a name video', () => {
    const before = context(message('user', picture(1, 'unknown')));
    expect(contents(keepNewestPictures(before, 0).items)).toEqual([[line('video')]]);
  });

  test('keepNewestPictures recognizes a picture that came back from storage', () => {
    const stored = { ...picture(1) };
    const before = context(message('user', 'one', stored));
    expect(contents(keepNewestPictures(before, 0).items)).toEqual([
      ['one', '[an earlier picture, no longer shown]'],
    ]);
  });

  test('keepNewestPictures neither removes nor counts pictures of other origin', () => {
    const own = foreign();
    const ours = picture(1);
    const before = context(message('user', own, ours), message('user', foreign()));
    expect(contents(keepNewestPictures(before, 1).items)[0]).toEqual([own, ours]);
    expect(contents(keepNewestPictures(before, 0).items)[0]).toEqual([own, line()]);
    expect(countPictures(keepNewestPictures(before, 0))).toBe(2);
  });

  test('keepNewestPictures keeps all other parts of a message', () => {
    const original = llm.ChatMessage.create({
      role: 'user',
      content: ['one', picture(1)],
      interrupted: true,
      createdAt: 12,
      transcriptConfidence: 0.5,
      extra: { from: 'ada' },
    });
    original.metrics = { transcriptionDelay: 3 };
    const [copy] = keepNewestPictures(context(original), 0).items;
    expect(copy).not.toBe(original);
    expect(copy).toMatchObject({
      id: original.id,
      role: 'user',
      interrupted: true,
      createdAt: 12,
      transcriptConfidence: 0.5,
      extra: { from: 'ada' },
      metrics: { transcriptionDelay: 3 },
    });
  });

  test('keepNewestPictures leaves other items unchanged', () => {
    const call = llm.FunctionCall.create({ callId: 'c', name: 'look', args: '{}' });
    const plain = message('user', 'one');
    const kept = keepNewestPictures(context(call, plain), 0);
    expect(kept.items[0]).toBe(call);
    expect(kept.items[1]).toBe(plain);
  });
});

const part = fc.constantFrom('text', 'ours', 'foreign');
const histories = fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 8 });

function build(history: string[][]): llm.ChatContext {
  let id = 0;
  return context(
    ...history.map((parts) =>
      message(
        'user',
        ...parts.map((kind) => {
          if (kind === 'text') return 'text';
          return kind === 'ours' ? picture(++id) : foreign();
        }),
      ),
    ),
  );
}

test('keepNewestPictures gives the same result as a copy and in place, for any history', () => {
  fc.assert(
    fc.property(histories, fc.nat(6), fc.option(fc.nat(7)), (history, keep, current) => {
      const before = build(history);
      const turn = current === null ? undefined : before.items[current];
      if (turn && turn.type !== 'message') return;
      const snapshot = structuredClone(contents(before.items));
      const copy = keepNewestPictures(before, keep, turn);
      // The original is unchanged.
      expect(contents(before.items)).toEqual(snapshot);
      const count = (parts: readonly string[], kind: string) =>
        parts.filter((one) => one === kind).length;
      const all = history.flat();
      const ofTurn = current === null ? 0 : count(history[current] ?? [], 'ours');
      const kept = Math.max(ofTurn, Math.min(count(all, 'ours'), keep));
      expect(countPictures(copy)).toBe(kept + count(all, 'foreign'));
      const index = turn ? before.items.indexOf(turn) : -1;
      if (index >= 0) expect(contents(copy.items)[index]).toEqual(snapshot[index]);
      forgetOldPictures(before.items, keep, turn);
      expect(contents(before.items)).toEqual(contents(copy.items));
      // A second call changes nothing.
      forgetOldPictures(before.items, keep, turn);
      expect(contents(before.items)).toEqual(contents(copy.items));
    }),
  );
});

test("a turn's own pictures count, so that older ones give way to them", () => {
  const turn = message('user', 'two');
  const before = context(message('user', 'one', picture(1)), turn);
  const kept = withTurnPictures(before, turn, [picture(2)], 1);
  expect(contents(kept.items)).toEqual([
    ['one', line()],
    ['two', expect.objectContaining({ type: 'image_content' })],
  ]);
});

test('labels count the seconds before the newest picture, whatever the time is now', () => {
  const shot = (id: number, receivedAt: number) => ({
    ref: { ...frame(id), receivedAt },
    image: { data: Buffer.alloc(1), mimeType: 'image/jpeg' } as never,
  });
  const show = { earlier: [shot(1, 1000), shot(2, 2500)], newest: [shot(3, 3000)] };
  const content = showContent(show, { detail: 'auto', isLabelled: false });
  expect(content.filter((part) => typeof part === 'string')).toEqual([
    ...['picture 1: camera, 2.0 s earlier', 'picture 2: camera, 0.5 s earlier'],
    'picture 3: camera, now',
  ]);
});

test('a picture that is withdrawn from a written request is not sent, and neither are its tiles', async () => {
  const encoded = (byte: number) => ({ data: Buffer.alloc(30, byte), mimeType: 'image/jpeg' });
  const image = { ...encoded(1), tiles: [{ ...encoded(2), label: 'top' }] } as never;
  const content = showContent(
    { earlier: [], newest: [{ ref: frame(1, 'screen'), image }] },
    { detail: 'auto', isLabelled: false },
  );
  const asked = context(message('user', ...content));
  const request = await asked.toProviderFormat('openai');
  const pictures = content.filter((part) => typeof part === 'object');
  expect(pictures).toHaveLength(2);
  for (const part of pictures) withdrawTurnPicture(part as llm.ImageContent);
  const sent = JSON.stringify(request);
  for (const byte of [1, 2]) expect(sent).not.toContain(encoded(byte).data.toString('base64'));
  expect(sent).toContain('"[no longer shown]"');
  expect(sent).toContain(line('screen'));
});

test('withContent adds at the end, and does not change the message', () => {
  const before = message('user', 'one');
  const added = picture(1);
  const after = withContent(before, [added]);
  expect(after.content).toEqual(['one', added]);
  expect(after.id).toBe(before.id);
  expect(before.content).toEqual(['one']);
});
