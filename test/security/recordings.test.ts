import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnyStateMachine, StateMachine } from 'xstate';
import { readRecording } from '../../src/inspect/index.ts';
import { replay } from '../../src/inspect/replay.ts';
import { MAX_MESSAGE_BYTES, type WireEvent } from '../../src/inspect/wire.ts';
import * as exported from '../../src/machines/index.ts';
import { actorMessage, snapshotMessage } from '../support/inspect.ts';
import { anyJson, anyMessage } from '../support/security/hostile.ts';

const HEADER = '{"format":"sightline-recording","version":1,"name":"n","startedAt":1}';
const GOOD = JSON.stringify(actorMessage('x:0'));

let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-security-'));
  file = join(dir, 'run.jsonl');
});
afterAll(() => rm(dir, { recursive: true }));

async function read(content: string | Uint8Array) {
  await writeFile(file, content);
  return readRecording(file);
}

test('any file is read or refused with a line that names it', async () => {
  const line = fc.oneof(anyMessage(), fc.constant(GOOD));
  const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
  const header = anyJson().map((value) =>
    JSON.stringify({ ...(JSON.parse(HEADER) as object), ...Object(value) }),
  );
  const lines = fc.oneof(
    text,
    header,
    text.map((rest) => `${HEADER}\n${rest}`),
  );
  const bytes: fc.Arbitrary<string | Uint8Array> = fc.uint8Array({ maxLength: 200 });
  const content = fc.oneof(lines, bytes);
  await fc.assert(
    fc.asyncProperty(content, async (given) => {
      const recording = await read(given).catch((error: Error) => error);
      if (recording instanceof Error) expect(recording.message).toContain(`${file} is not`);
      else expect(recording.header.startedAt).toSatisfy((at: number) => Number.isFinite(at));
    }),
    { numRuns: 200 },
  );
});

test('a recording that breaks off is read as far as it goes', async () => {
  const lines = [HEADER, GOOD, GOOD, GOOD.slice(0, 20)].join('\r\n');
  expect(await read(lines)).toMatchObject({ events: [{}, {}], refused: 1 });
});

test('a line that is too long is counted, and what follows is read', async () => {
  const long = GOOD.padEnd(MAX_MESSAGE_BYTES + 1);
  expect(await read(`${HEADER}\n${long}\n${GOOD}`)).toMatchObject({ events: [{}], refused: 1 });
});

test('a file without lines is not held in memory, and ends nothing', async () => {
  const before = process.memoryUsage().rss;
  // It has no end.
  await expect(readRecording('/dev/zero')).rejects.toThrow('is not a recording');
  const sparse = await open(file, 'w');
  await sparse.write(`${HEADER}\n`);
  await sparse.truncate(200 * 1024 * 1024);
  await sparse.close();
  expect(await readRecording(file)).toMatchObject({ events: [], refused: 1 });
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
});

test('a replay takes whatever a recording tells of our machines', () => {
  const machines = Object.values<unknown>(exported).filter(
    (item): item is AnyStateMachine => item instanceof StateMachine,
  );
  const types: string[] = machines.flatMap((machine) => Object.values<string>(machine.events));
  const ids = machines.map(({ id }) => id);
  fc.assert(
    fc.property(
      fc.constantFrom(...ids),
      anyJson(),
      fc.array(fc.tuple(fc.constantFrom(...types), anyJson()), { maxLength: 6 }),
      (id, input, sent) => {
        const definition = JSON.stringify({ id, states: {} });
        const step = (event: unknown) =>
          ({ ...snapshotMessage('x:0', 'any'), event }) as unknown as WireEvent;
        const result = replay(
          [
            actorMessage('x:0', { definition }),
            step({ type: 'xstate.init', input }),
            ...sent.map(([type, fields]) => step({ ...Object(fields), type })),
          ],
          machines,
        );
        expect(result.actors).toHaveLength(1);
      },
    ),
    { numRuns: 300 },
  );
});
