import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Names that the README's code does not declare. */
const PREAMBLE = `
import * as google from '@livekit/agents-plugin-google';
import * as lemonslice from '@livekit/agents-plugin-lemonslice';
import { type JobContext, llm as llmNames, type stt as sttNames, type tts as ttsNames, voice } from '@livekit/agents';
import { z } from 'zod';
declare const ctx: JobContext;
declare const room: JobContext['room'];
declare const agentId: string;
declare const stt: sttNames.STT;
declare const llm: llmNames.LLM;
declare const eyes: llmNames.LLM;
declare const tts: ttsNames.TTS;
class Assistant extends voice.Agent { constructor() { super({ instructions: '' }); } }
`;

/**
 * A user's project: the package is unpacked among the repository's own dependencies, so that no
 * network is needed.
 */
export function makeProject(root: string, place: string, packed: string): string {
  const project = join(place, 'project');
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'sightline'), { recursive: true });
  execFileSync('tar', ['-xzf', packed, '-C', join(modules, 'sightline'), '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== '@types')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }\n');
  const blocks = codeOf(readFileSync(join(root, 'README.md'), 'utf8'));
  for (const [index, block] of blocks.entries())
    writeFileSync(join(project, `readme-${index + 1}.ts`), asModule(block));
  for (const file of ['use.mjs', 'kit.mjs', 'kit.node.test.mjs', 'kit.jest.test.mjs', 'types.ts'])
    cpSync(join(root, 'tools/try-package', file), join(project, file));
  copyExample(join(root, 'examples/testing'), join(project, 'testing'));
  return project;
}

/** The example of a test, as users have it: it imports the package, not the sources. */
function copyExample(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const name of readdirSync(to).filter((file) => file.endsWith('.ts'))) {
    const path = join(to, name);
    const code = readFileSync(path, 'utf8')
      .replaceAll("'../../src/index.ts'", "'sightline'")
      .replaceAll("'../../src/testing/index.ts'", "'sightline/testing'");
    writeFileSync(path, code);
  }
}

/**
 * Makes the project use these types of Node.js.
 *
 * @param types - The package with the types.
 * @returns The file for the compiler.
 */
export function makeTypesProject(root: string, project: string, types: string): string {
  const scope = join(project, 'node_modules/@types');
  rmSync(scope, { recursive: true, force: true });
  mkdirSync(scope);
  for (const name of readdirSync(join(root, 'node_modules/@types'))) {
    const from = name === 'node' ? types : `@types/${name}`;
    symlinkSync(join(root, 'node_modules', from), join(scope, name));
  }
  const file = join(project, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(TSCONFIG));
  return file;
}

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    // The README's lines declare names that they do not use.
    noUnusedLocals: false,
    // The framework's own types are not checked here.
    skipLibCheck: true,
    preserveSymlinks: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ['node'],
  },
  include: ['*.ts', 'testing/*.ts'],
};

const codeOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);

/** A block is a program, or lines that continue the first one, with its names. */
function asModule(block: string): string {
  if (/^export default/m.test(block)) return block;
  const imports = block.match(/^import .*;$/gm) ?? [];
  const rest = block.replace(/^import .*;\n/gm, '');
  const first = /\bconst video\b/.test(rest)
    ? ''
    : 'declare const video: import("sightline").VideoSession;\n';
  const session = /\bconst session\b/.test(rest)
    ? ''
    : 'declare const session: voice.AgentSession;\n';
  const names = ['VideoSession', 'VideoWatch', 'createLookTool', 'LocalAvatar'].filter(
    (name) => rest.includes(name) && !imports.join().includes(name),
  );
  const ours = names.length > 0 ? `import { ${names.join(', ')} } from 'sightline';\n` : '';
  return `${ours}${imports.join('\n')}\n${PREAMBLE}${first}${session}async function used() {\n${rest}}\nvoid used;\n`;
}
