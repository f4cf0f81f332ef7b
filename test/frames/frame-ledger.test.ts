import { expect, test } from 'vitest';
import { FrameLedger } from '../../src/frames/frame-ledger.ts';

test('each frame ends in one count, and the rest is held or in use', () => {
  const ledger = new FrameLedger();
  expect([1, 2, 3, 4, 5, 6].map(() => ledger.received())).toEqual([1, 2, 3, 4, 5, 6]);
  ledger.replaced();
  for (let use = 0; use < 4; use++) ledger.sampled();
  ledger.sent();
  ledger.skipped('busy');
  ledger.skipped('off');
  ledger.placeholder();
  expect(ledger.counts()).toEqual({
    ...{ received: 6, replaced: 1, sampled: 4, sent: 1, skipped: { busy: 1, off: 1 } },
    ...{ pending: 1, held: 1, placeholders: 1 },
  });
});

test('a frame that the service refused does not count as sent', () => {
  const ledger = new FrameLedger();
  for (let frame = 0; frame < 2; frame++) {
    ledger.received();
    ledger.sampled();
    ledger.sent();
    ledger.refused();
  }
  expect(ledger.counts()).toMatchObject({ sent: 0, skipped: { refused: 2 }, pending: 0, held: 0 });
});
