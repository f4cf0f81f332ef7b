import { expect, test } from 'vitest';
import { borrowMemory, giveBack, Places, withMemory } from '../../src/frames/pixels-memory.ts';

test('a memory is for one use at a time, and the next use gets it again, even after an error', async () => {
  const memory = await withMemory(async (first) => {
    await withMemory(async (second) => expect(second).not.toBe(first));
    return first;
  });
  const failed = withMemory(async (again) => {
    expect(again).toBe(memory);
    throw new Error('no encoder');
  });
  await expect(failed).rejects.toThrow('no encoder');
  const last = borrowMemory();
  expect(last).toBe(memory);
  giveBack(last);
});

test('at most eight memories are kept', () => {
  const borrowed = Array.from({ length: 12 }, borrowMemory);
  for (const memory of borrowed) giveBack(memory);
  const again = Array.from({ length: 12 }, borrowMemory);
  expect(again.filter((memory) => borrowed.includes(memory))).toHaveLength(8);
  for (const memory of again) giveBack(memory);
});

test('a memory grows to the size that is needed, and keeps what it has', () => {
  const memory = borrowMemory();
  const before = memory.bytes(10);
  before[0] = 7;
  const size = before.length + 1;
  const grown = memory.bytes(size);
  expect(grown.length).toBeGreaterThanOrEqual(size);
  expect(grown[0]).toBe(7);
  expect(memory.bytes(size).length).toBe(grown.length);
  giveBack(memory);
});

test('two places do not overlap, and a loop of 16 pixels may go past the end of the first', () => {
  const places = new Places(64);
  const [first, second] = [places.take(100), places.take(1)];
  expect(first).toBe(64);
  expect(second - (first + 100)).toBeGreaterThanOrEqual(64);
  expect(places.end).toBeGreaterThan(second);
});
