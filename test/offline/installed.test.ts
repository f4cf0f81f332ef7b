import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  InstallError,
  installed,
  type LargePackage,
  progressText,
} from '../../offline/installed.ts';

const PACKAGE: LargePackage = {
  name: 'sightline-test-package',
  version: '1.0.0',
  purpose: 'a package of a test',
  downloadMb: 5,
  diskMb: 9,
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'installed-'));
  await mkdir(join(folder, 'bin'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Stands in for npm: a script of a shell. */
async function fakeNpm(script: string): Promise<void> {
  const file = join(folder, 'bin', 'npm');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

const install = (say: (text: string) => void = () => {}) => installed(PACKAGE, say, folder);

describe('a large package', () => {
  test('the first use installs a package without its scripts, and its size is known before', async () => {
    await fakeNpm(`echo "$@" > "${folder}/args"; touch "$7/package-lock.json"`);
    const said: string[] = [];
    const path = await install((text) => said.push(text));
    expect(path).toMatch(/sightline-test-package@1\.0\.0.node_modules.sightline-test-package$/);
    expect(said[0]).toBe(
      'Installing a package of a test: sightline-test-package, 5 MB to download, once',
    );
  });

  test('two uses install a package once', async () => {
    await fakeNpm(`echo run >> "${folder}/runs"; touch "$7/package-lock.json"`);
    const [first, second] = await Promise.all([install(), install()]);
    await fakeNpm('exit 1');
    expect(await install()).toBe(first);
    expect(second).toBe(first);
  });

  test('a failure of npm is reported with its reason and the remedy', async () => {
    await fakeNpm('echo "no network" >&2; exit 1');
    const problem = install();
    await expect(problem).rejects.toThrow(InstallError);
    await expect(problem).rejects.toThrow(/no network.*npm registry/s);
  });

  test('the progress shows the time while npm downloads, and then the part that is there', () => {
    expect(progressText(0, 10)).toBe('downloading, 10 s');
    expect(progressText(0.5, 20)).toBe('unpacked 50 %, 20 s');
    expect(progressText(1.2, 25)).toBe('unpacked 99 %, 25 s');
  });
});
