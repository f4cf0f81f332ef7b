import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

interface PageFile {
  type: string;
  body: Uint8Array;
}

/** All files of the page, by their names after the token. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const PAGE = fileURLToPath(new URL('../../../examples/web/', import.meta.url));

/** Bundles the page in memory: no part of a request ever becomes the path of a file. */
export async function bundlePage(): Promise<PageFiles> {
  const { outputFiles } = await build({
    absWorkingDir: PAGE,
    entryPoints: ['main.tsx', 'style.css'],
    outdir: PAGE,
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  const made = (suffix: string): Uint8Array => {
    const file = outputFiles.find(({ path }) => path.endsWith(suffix));
    if (!file) throw new Error(`the page has no ${suffix}`);
    return file.contents;
  };
  const html = await readFile(join(PAGE, 'index.html'));
  return new Map([
    ['', { type: 'text/html; charset=utf-8', body: html }],
    ['main.js', { type: 'text/javascript; charset=utf-8', body: made('main.js') }],
    ['style.css', { type: 'text/css; charset=utf-8', body: made('style.css') }],
  ]);
}
