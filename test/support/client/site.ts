import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import type { Site } from '../browser.ts';

/**
 * Serves the React page on loopback. Its script is built in memory, from installed packages only.
 */
export async function serveReactPage(): Promise<Site> {
  const page = fileURLToPath(new URL('./page', import.meta.url));
  const bundler = await context({
    absWorkingDir: page,
    entryPoints: ['main.tsx'],
    outdir: page,
    write: false,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  const { port } = await bundler.serve({ host: '127.0.0.1', port: 0, servedir: page });
  return { url: `http://127.0.0.1:${port}/`, close: () => bundler.dispose() };
}
