import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { type BuildResult, build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The client as a page gets it, with nothing removed. */
function built(): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    // A missing module would be an error, and `neutral` has neither Node's modules nor a browser's.
    platform: 'neutral',
    format: 'iife',
    globalName: 'client',
    treeShaking: false,
    write: false,
    metafile: true,
  });
}

test('the client imports nothing but its own files at run time', async () => {
  const { metafile } = await built();
  expect(Object.keys(metafile.inputs).every((file) => file.startsWith('src/client/'))).toBe(true);
  for (const { imports } of Object.values(metafile.outputs)) expect(imports).toEqual([]);
});

test('the client works without Node and without a browser', async () => {
  const { outputFiles } = await built();
  const found: unknown = runInNewContext(
    `${outputFiles[0]?.text};
    const people = [
      { identity: 'face', kind: 4, attributes: { 'lk.publish_on_behalf': 'agent' } },
      { identity: 'agent', kind: 4, attributes: {} },
    ];
    const room = { remoteParticipants: new Map(people.map((one) => [one.identity, one])) };
    [client.findAgent(room).identity, client.findAvatarWorker(room).identity].join()`,
    {},
  );
  expect(found).toBe('agent,face');
});

test('the package exports the client, and needs livekit-client for its types only', async () => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    exports: {
      './client': { types: './dist/client/index.d.ts', default: './dist/client/index.js' },
    },
    peerDependenciesMeta: { 'livekit-client': { optional: true } },
  });
});
