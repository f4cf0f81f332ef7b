import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { replyOf, silence } from '../../../src/testing/fakes/reply.ts';
import { ServiceRecord } from '../../../src/testing/fakes/service-record.ts';
import { Gate } from '../../../src/testing/fakes/waiting.ts';
import { settled } from '../../../src/testing/simulated-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1000 }));
afterEach(() => void vi.useRealTimers());

/** Whether the pass is over, and with which result. */
async function resultOf(pass: Promise<boolean>) {
  let result: boolean | undefined;
  void pass.then((passed) => {
    result = passed;
  });
  await settled();
  return result;
}

test('an open gate is passed at once, and a held one when it is opened', async () => {
  const gate = new Gate();
  expect(await resultOf(gate.pass())).toBe(true);
  const open = gate.hold();
  const pass = gate.pass();
  expect(await resultOf(pass)).toBeUndefined();
  open();
  expect(await resultOf(pass)).toBe(true);
  expect(await resultOf(gate.pass())).toBe(true);
});

test('a gate that is held again is not opened by the first holder', async () => {
  const gate = new Gate();
  const openFirst = gate.hold();
  const openSecond = gate.hold();
  openFirst();
  const pass = gate.pass();
  expect(await resultOf(pass)).toBeUndefined();
  openSecond();
  expect(await resultOf(pass)).toBe(true);
});

test('the end of a gate ends each pass, held or delayed, without success', async () => {
  const gate = new Gate();
  gate.hold();
  const held = gate.pass();
  const slow = new Gate();
  slow.delayMs = 60_000;
  const delayed = slow.pass();
  gate.end();
  slow.end();
  expect(await resultOf(held)).toBe(false);
  expect(await resultOf(delayed)).toBe(false);
  expect(await resultOf(gate.pass())).toBe(false);
});

test('a record keeps the newest 5000 messages, all frames, and the size of the audio', () => {
  const record = new ServiceRecord();
  for (let number = 0; number < 5001; number++) record.message(1, { number });
  expect(record.messages).toHaveLength(5000);
  expect(record.messages[0]).toEqual({ at: 1000, connection: 1, message: { number: 1 } });
  const size = { width: 2, height: 1, mimeType: 'image/png' } as const;
  const frame = { ...size, connection: 2, data: Buffer.alloc(3), via: 'realtimeInput' } as const;
  expect(record.frame(frame)).toEqual({ ...frame, at: 1000, bytes: 3 });
  expect(record.frames).toHaveLength(1);
  record.audioChunk(10);
  record.audioChunk(6);
  expect(record.audio).toEqual({ chunks: 2, bytes: 16 });
  record.violation(2, 'no');
  expect(record.violations).toEqual(['connection 2: no']);
});

test('each event of a record ends the waits for it, and for any event', async () => {
  const record = new ServiceRecord();
  const frame = { width: 1, height: 1, mimeType: 'image/png', connection: 1 } as const;
  const events = {
    newFrame: () => record.frame({ ...frame, data: Buffer.alloc(1), via: 'clientContent' }),
    newMessage: () => record.message(1, {}),
    newViolation: () => record.violation(1, 'x'),
  };
  for (const [list, cause] of Object.entries(events)) {
    const waits = [record[list as keyof typeof events].next(list), record.changed.next('any')];
    cause();
    await Promise.all(waits);
  }
  const sound = record.changed.next('sound');
  record.audioChunk(1);
  await sound;
  const lists = [record.newFrame, record.newMessage, record.newViolation, record.changed];
  const open = lists.map((list) => list.next('x'));
  record.end();
  for (const wait of open) await expect(wait).rejects.toMatchObject({ code: 'testing-service' });
});

test('a reply is a text or an object, and its sound is silence of its length', () => {
  expect(replyOf('a')).toEqual({ text: 'a' });
  expect(replyOf({ toolCalls: [] })).toEqual({ toolCalls: [] });
  expect(silence({ audioMs: 1000 })).toBe(Buffer.alloc(48_000).toString('base64'));
  expect(Buffer.from(silence({}), 'base64')).toHaveLength(1920);
});
