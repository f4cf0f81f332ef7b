import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inspect } from '../../src/cli/inspect.ts';

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
async function printed(args: string[], signal: 'SIGINT' | 'SIGTERM') {
  const others = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
  const lines: string[] = [];
  let address = '';
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line);
    if (!line.includes('Inspector')) return;
    void readFile(file, 'utf8').then((text) => {
      address = text;
      process.emit(signal);
    });
  });
  await inspect(args);
  vi.restoreAllMocks();
  // The command's process ends here, so it leaves the listener of the other signal.
  for (const [name, kept] of others)
    for (const listener of process.listeners(name))
      if (!kept.includes(listener)) process.off(name, listener);
  return { text: lines.join('\n'), address };
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
