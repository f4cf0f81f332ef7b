import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const CACHE = new URL('../../.sightline/typescript/', import.meta.url);
const OPTIONS = {
  ...{ loader: 'ts', format: 'esm', target: 'node20.10', sourcemap: 'inline' },
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};
const COMPILER = JSON.stringify([OPTIONS, require('esbuild/package.json').version]);

/** The hook of Node.js: TypeScript becomes JavaScript, and all else is left to the next hook. */
export function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
}

/** From the cache, if it holds this version of the file. */
function compiled(sourcefile) {
  const code = readFileSync(sourcefile, 'utf8');
  const version = `\n//${hash(COMPILER, code)}`;
  const file = new URL(`${hash(sourcefile)}.js`, CACHE);
  const kept = read(file);
  if (kept?.endsWith(version)) return kept;
  const { transformSync } = require('esbuild');
  const source = transformSync(code, { ...OPTIONS, sourcefile }).code + version;
  keep(file, source);
  return source;
}

function hash(...texts) {
  return createHash('sha1').update(texts.join()).digest('hex');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** In one step, since other programs read the cache meanwhile. */
function keep(file, source) {
  mkdirSync(CACHE, { recursive: true });
  const part = new URL(`${file.href}.${process.pid}`);
  writeFileSync(part, source);
  renameSync(part, file);
}
