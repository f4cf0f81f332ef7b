import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { createActor, fromCallback } from 'xstate';
import { inspect } from '../../src/cli/inspect.ts';
import { createRecorder, type InspectorServer } from '../../src/inspect/index.ts';
import { watchMachine } from '../../src/machines/watch.machine.ts';
import type { WatchEvent } from '../../src/machines/watch.types.ts';
import { watchInput } from '../../src/watch/watch-options.ts';
import { lamp, TestViewer } from '../support/inspect.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sightline-cli-'));
  file = join(folder, 'inspector.json');
  vi.stubEnv('SIGHTLINE_INSPECT_FILE', file);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Runs the command until it has printed its address, then interrupts it. */
async function printed(
  args: string[],
  signal: 'SIGINT' | 'SIGTERM' = 'SIGINT',
  visit: (agentUrl: string, pageUrl: string) => Promise<void> = async () => {},
) {
  const others = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
  const lines: string[] = [];
  let address = '';
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line);
    const pageUrl = /Inspector {3}(\S+)/.exec(line)?.[1];
    if (pageUrl === undefined) return;
    void readFile(file, 'utf8')
      .then((text) => {
        address = text;
        return visit(JSON.parse(text).agentUrl, pageUrl);
      })
      .finally(() => process.emit(signal));
  });
  await inspect(args);
  vi.restoreAllMocks();
  // The command's process ends here, so it leaves the listener of the other signal.
  for (const [name, kept] of others)
    for (const listener of process.listeners(name))
      if (!kept.includes(listener)) process.off(name, listener);
  return { text: lines.join('\n'), address };
}

/** The first message of an inspector to an agent. */
async function greetingOf(agentUrl: string): Promise<string> {
  const socket = new WebSocket(agentUrl);
  const [data] = await once(socket, 'message');
  socket.terminate();
  return String(data);
}

test('the command prints its help, and serves nothing', async () => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await inspect(['--help']);
  expect(lines.join()).toContain('npx sightline inspect [FILE...] [options]');
});

test.each(SIGNALS)(
  'the command prints its address, shows it to agents, and takes both back at a %s',
  async (signal) => {
    const { text, address } = await printed(['--port', '0'], signal);
    const url = /Inspector {3}(\S+)/.exec(text)?.[1] ?? '';
    const agentUrl = /SIGHTLINE_INSPECT=(ws:\S+)/.exec(text)?.[1];
    expect(JSON.parse(address)).toMatchObject({ pid: process.pid, agentUrl });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    await expect(fetch(url)).rejects.toThrow();
  },
);

test('each recording is printed with the result of its replay, and whether it is incomplete', async () => {
  const whole = join(folder, 'whole.jsonl');
  const recorder = createRecorder(whole);
  const actor = createActor(lamp, { inspect: recorder.inspect }).start();
  actor.send({ type: 'press' });
  actor.stop();
  await recorder.close();
  const cut = join(folder, 'cut.jsonl');
  const lines = (await readFile(whole, 'utf8')).trim().split('\n');
  await writeFile(cut, lines.slice(0, -1).join('\n'));
  let shown: string[] = [];
  const { text } = await printed([whole, cut, '--port', '0'], 'SIGINT', async (_, url) => {
    const page = await TestViewer.open({ url } as InspectorServer);
    await page.until('the recordings', ({ sessions }) => sessions.length > 0);
    shown = page.sessions.map(({ kind }) => kind);
    page.close();
  });
  expect(shown).toEqual(['recording', 'recording']);
  const result = `${lines.length - 2} events; 0 steps of 0 machines replayed, all reached the same states`;
  expect(text.split('\n').slice(0, 2)).toEqual([
    `${whole}: ${result}`,
    `${cut}: ${result}; it is incomplete: events or its end are missing`,
  ]);
});

test("the steps of Sightline's own machines are replayed, and the first other state is named", async () => {
  const recorded = join(folder, 'watch.jsonl');
  const recorder = createRecorder(recorded);
  const quiet = fromCallback<WatchEvent>(() => {});
  const machine = watchMachine.provide({ actors: { triggers: quiet, floorEvents: quiet } });
  const input = watchInput({ everyMs: 60_000, decide: () => false, act: 'event' });
  const actor = createActor(machine, { id: 'watch', input, inspect: recorder.inspect }).start();
  for (const type of ['watch.start', 'watch.stop'] as const) actor.send({ type });
  actor.stop();
  await recorder.close();
  const lines = (await readFile(recorded, 'utf8')).split('\n');
  const other = join(folder, 'other.jsonl');
  const change = (line: string) => {
    const message = JSON.parse(line || '{}');
    if (message.event?.type === 'watch.stop' && message.snapshot) message.snapshot.value = 'gone';
    return JSON.stringify(message);
  };
  await writeFile(other, lines.map(change).join('\n'));
  const { text } = await printed([recorded, other, '--port', '0']);
  const [same, different] = text.split('\n');
  expect(same).toMatch(/; [1-9]\d* steps of 1 machines replayed, all reached the same states$/);
  expect(different).toMatch(/replayed, 1 reached other states, first watch at watch\.stop/);
});

test('without a requested port, a usual port that is taken is replaced by a free one', async () => {
  const other = createServer();
  other.listen(4747, '127.0.0.1');
  const isOurs = await once(other, 'listening').then(
    () => true,
    () => false,
  );
  let greeting = '';
  const { address } = await printed(['--pixels'], 'SIGINT', async (agentUrl) => {
    greeting = await greetingOf(agentUrl);
  });
  const { port } = new URL(JSON.parse(address).agentUrl);
  expect(JSON.parse(greeting)).toMatchObject({ pixels: true });
  // Another program of this machine that has the usual port may release it.
  expect(port !== '4747' || !isOurs).toBe(true);
  other.close();
});

test.each([
  [[], false],
  [['--pixels'], true],
])('with the arguments %j, agents may send pictures: %s', async (args, pixels) => {
  let greeting = '';
  await printed(['--port', '0', ...args], 'SIGINT', async (agentUrl) => {
    greeting = await greetingOf(agentUrl);
  });
  expect(JSON.parse(greeting)).toMatchObject({ pixels });
});
