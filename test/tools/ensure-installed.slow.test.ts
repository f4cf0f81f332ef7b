import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const FILES = ['ensure-installed.mjs', 'install-environment.mjs'];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sightline-install-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** How npm is started in a fresh clone: its arguments, and the names of its variables. */
async function installs(env: NodeJS.ProcessEnv): Promise<{ args: string[]; env: object }[]> {
  await mkdir(join(dir, 'tools'));
  for (const file of FILES) await cp(join('tools', file), join(dir, 'tools', file));
  await writeFile(join(dir, 'package-lock.json'), '{"packages":{}}');
  const log = join(dir, 'log.jsonl');
  const note = join(dir, 'note.cjs');
  await writeFile(
    note,
    `const call = { args: process.argv.slice(2), env: process.env };
    require('fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify(call) + '\\n');`,
  );
  await writeFile(join(dir, 'npm'), `#!/bin/sh\nexec ${process.execPath} ${note} "$@"\n`, {
    mode: 0o755,
  });
  await run(process.execPath, [join(dir, 'tools/ensure-installed.mjs')], {
    env: { ...env, PATH: `${dir}${delimiter}${process.env.PATH}` },
  });
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { args: string[]; env: object });
}

test.runIf(process.platform !== 'win32')(
  'the first command installs without a key, and runs only the necessary install scripts',
  async () => {
    const kept = {
      HOME: dir,
      HTTPS_PROXY: 'http://proxy.example:3128',
      no_proxy: 'localhost',
      NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      npm_config_registry: 'https://registry.example',
    };
    const secret = {
      OPENAI_API_KEY: 'planted',
      LIVEKIT_API_SECRET: 'planted',
      PGPASS: 'planted',
      SOMETHING: 'planted',
      NODE_OPTIONS: '--no-warnings',
    };
    const calls = await installs({ ...kept, ...secret });
    expect(calls.map(({ args }) => args)).toEqual([
      expect.arrayContaining(['ci', '--ignore-scripts']),
      expect.arrayContaining(['rebuild', 'esbuild']),
    ]);
    for (const { env } of calls) {
      expect(env).toMatchObject(kept);
      for (const name of Object.keys(secret)) expect(env).not.toHaveProperty(name);
    }
  },
);
