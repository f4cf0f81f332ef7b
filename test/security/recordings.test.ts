import { chmod, mkdtemp, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AnyStateMachine, createMachine, StateMachine } from 'xstate';
import { createRecorder, readRecording, startInspector } from '../../src/inspect/index.ts';
import { replay } from '../../src/inspect/replay.ts';
import { MAX_MESSAGE_BYTES, type WireEvent } from '../../src/inspect/wire.ts';
import * as exported from '../../src/machines/index.ts';
import { Child, endChildren } from '../../src/testing/processes/child.ts';
import { actorMessage, snapshotMessage, TestViewer } from '../support/inspect.ts';
import { anyJson, anyMessage } from '../support/security/hostile.ts';
import { takeWarnings } from '../support/warnings.ts';

const HEADER = '{"format":"sightline-recording","version":1,"name":"n","startedAt":1}';
const GOOD = JSON.stringify(actorMessage('x:0'));

let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-security-'));
  file = join(dir, 'run.jsonl');
});
afterEach(endChildren);
afterAll(() => rm(dir, { recursive: true }));

async function read(content: string | Uint8Array) {
  await writeFile(file, content);
  return readRecording(file);
}

test('any file is read, or refused with a line that names it', async () => {
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

test('a recording that breaks off is read up to that point', async () => {
  const lines = [HEADER, GOOD, GOOD, GOOD.slice(0, 20)].join('\r\n');
  expect(await read(lines)).toMatchObject({ events: [{}, {}], refused: 1 });
});

test('a line that is too long is counted, and the following ones are read', async () => {
  const long = GOOD.padEnd(MAX_MESSAGE_BYTES + 1);
  expect(await read(`${HEADER}\n${long}\n${GOOD}`)).toMatchObject({ events: [{}], refused: 1 });
});

test('a file without line breaks does not fill the memory and is refused', async () => {
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

test("a replay handles any content of a recording of this library's machines", () => {
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

/** Events of a session's track discovery: a track without a sid in the file. */
function endlessRecording(): string {
  const { id } = exported.trackDiscoveryMachine;
  const definition = JSON.stringify({ id, states: {} });
  const input = { selector: 'latest', parent: {}, subscribeGraceMs: 1, subscribeTimeoutMs: 1 };
  const events = [
    { type: 'xstate.init', input },
    { type: 'participant.linked', identity: 'user' },
    { type: 'track.published', track: { identity: 'user', source: 'camera', onBehalfOf: null } },
  ];
  return [
    HEADER,
    JSON.stringify(actorMessage('x:0', { definition })),
    ...events.map((event) => JSON.stringify({ ...snapshotMessage('x:0', 'any'), event })),
  ].join('\n');
}

test('npm run inspect reads and serves a recording of a track without a sid', async () => {
  await writeFile(file, endlessRecording());
  const child = new Child(['src/cli/main.ts', 'inspect', '--port', '0', file], {
    SIGHTLINE_INSPECT_FILE: join(dir, 'inspector.json'),
  });
  await child.line(/Inspector {3}http/);
  child.signal('SIGTERM');
  await child.ended;
}, 60_000);

test('the replay of a machine with an endless loop is abandoned', () => {
  const circle = createMachine({
    id: 'circle',
    initial: 'a',
    states: {
      a: { on: { go: 'b' } },
      b: { always: 'c' },
      c: { always: 'b' },
    },
  });
  const definition = JSON.stringify({ id: 'circle', states: {} });
  const events = [{ type: 'xstate.init' }, { type: 'go' }].map(
    (event) => ({ ...snapshotMessage('x:0', 'a'), event }) as unknown as WireEvent,
  );
  const { differences } = replay([actorMessage('x:0', { definition }), ...events], [circle]);
  expect(differences).toMatchObject([{ event: 'go', field: 'error' }]);
});

test('of many differences all are counted, and the first ones are kept', () => {
  const calm = createMachine({ id: 'calm', initial: 'a', states: { a: {} } });
  const definition = JSON.stringify({ id: 'calm', states: {} });
  const events = Array.from({ length: 1000 }, () => ({
    ...snapshotMessage('x:0', 'elsewhere'),
    event: { type: 'xstate.init' },
  })) as unknown as WireEvent[];
  const result = replay([actorMessage('x:0', { definition }), ...events], [calm]);
  expect(result.different).toBe(1000);
  expect(result.differences).toHaveLength(200);
});

test('a recording with too many events is refused before it fills the memory', async () => {
  // Two characters each in the file, and an object each in memory.
  const context = Array.from({ length: 400 }, () => Array.from({ length: 900 }, () => ({})));
  const event = JSON.stringify(snapshotMessage('x:0', 'a', { context }));
  const lines = Array.from({ length: 6 }, () => event).join('\n');
  await expect(read(`${HEADER}\n${lines}`)).rejects.toThrow(/too large: .* of memory/);
  expect((await read(`${HEADER}\n${event}`)).events).toHaveLength(1);
});

test('pictures in a recording are refused, with pixels on and off', async () => {
  const picture: WireEvent = {
    type: '@sightline.picture',
    sessionId: 'x:0',
    createdAt: '1',
    id: null,
    _version: '',
    mimeType: 'image/png',
    data: 'AAAA',
    width: 1,
    height: 1,
    label: 'camera',
  };
  const recording = await read(`${HEADER}\n${GOOD}\n${JSON.stringify(picture)}`);
  expect(recording).toMatchObject({ events: [{ type: '@xstate.actor' }], refused: 1 });
  for (const pixels of [true, false]) {
    const server = await startInspector({ pixels });
    server.load({ ...recording, refused: 0, events: [...recording.events, picture] });
    const viewer = await TestViewer.open(server);
    await viewer.until('the recording', ({ sessions }) => sessions.length === 1);
    viewer.watch(viewer.sessions[0]?.id ?? '');
    await viewer.until('its event', ({ events, base }) => events.length + base.length > 0);
    expect(viewer.sessions[0]).toMatchObject({ refused: 1 });
    expect(viewer.pictures).toBe(0);
    viewer.close();
    await server.close();
  }
});

describe.runIf(process.platform !== 'win32')('a recorder', () => {
  const record = async (to: string) => {
    const recorder = createRecorder(to);
    await recorder.close();
  };

  test('a recorder does not follow a link, and the target stays unchanged', async () => {
    const target = join(dir, 'diary.txt');
    const link = join(dir, 'link.jsonl');
    await writeFile(target, 'dear diary');
    await symlink(target, link);
    await expect(record(link)).rejects.toThrow('is a link');
    expect(await takeWarnings()).toEqual([expect.stringContaining('is a link')]);
    expect(await readFile(target, 'utf8')).toBe('dear diary');
    const nowhere = join(dir, 'nowhere.jsonl');
    await symlink(join(dir, 'not-there'), nowhere);
    await expect(record(nowhere)).rejects.toThrow('is a link');
    expect(await takeWarnings()).toEqual([expect.stringContaining('is a link')]);
  });

  test('a recorder writes with access for its user only, whatever the mode of the file before', async () => {
    const open = join(dir, 'open.jsonl');
    await writeFile(open, 'before', { mode: 0o666 });
    await chmod(open, 0o666);
    await record(open);
    expect((await stat(open)).mode & 0o777).toBe(0o600);
    expect(await readFile(open, 'utf8')).not.toContain('before');
  });

  test('a recorder refuses a path that is no regular file', async () => {
    await expect(record('/dev/null')).rejects.toThrow('is no file');
    expect(await takeWarnings()).toEqual([expect.stringContaining('is no file')]);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});
