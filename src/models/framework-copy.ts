import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { llm, voice } from '@livekit/agents';
import { DuplicateFrameworkError, type FrameworkCopy } from '../errors.ts';
import { classFile } from '../internals/class-file.ts';

const PACKAGE = '@livekit/agents';

/** The framework's classes that Sightline receives, by the names that every copy uses. */
const OWN: Readonly<Record<string, abstract new (...args: never[]) => object>> = {
  AgentSession: voice.AgentSession,
  Agent: voice.Agent,
  LLM: llm.LLM,
  RealtimeModel: llm.RealtimeModel,
  RealtimeSession: llm.RealtimeSession,
};

/**
 * Refuses objects from another copy of the framework. `instanceof` fails for them, here and in the
 * framework: a realtime model would be treated as a pipeline's model, and get no frames.
 *
 * @throws DuplicateFrameworkError
 */
export function assertOneFramework(...values: readonly unknown[]): void {
  for (const value of values) {
    const foreign = foreignClass(value);
    if (foreign)
      throw new DuplicateFrameworkError(
        foreign.name,
        copyOf(OWN[foreign.name] ?? voice.AgentSession),
        copyOf(foreign.type),
      );
  }
}

/** The framework class of a value, if it comes from another copy. */
function foreignClass(value: unknown): { name: string; type: object } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // The deepest one: a plugin's class may have the same name as the framework's.
  let found: { name: string; type: object } | undefined;
  for (let it = Object.getPrototypeOf(value); it; it = Object.getPrototypeOf(it)) {
    const type: unknown = it.constructor;
    const name = typeof type === 'function' ? type.name : '';
    const own = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
    if (own && value instanceof own) return undefined;
    if (own) found = { name, type: it.constructor };
  }
  if (found) return found;
  // A bundler may have renamed the class.
  return looksRealtime(value) && !(value instanceof llm.RealtimeModel)
    ? { name: 'RealtimeModel', type: value.constructor }
    : undefined;
}

const looksRealtime = (value: object): boolean =>
  'capabilities' in value &&
  ['session', 'label'].every((method) => typeof Reflect.get(value, method) === 'function');

/** The package and build from which a class was loaded. */
function copyOf(type: object): FrameworkCopy | undefined {
  const file = classFile(type);
  if (!file) return undefined;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const { name, version } = packageIn(folder);
    if (name === PACKAGE && version)
      return { version, folder, build: path.endsWith('.cjs') ? 'CommonJS' : 'ES modules' };
  }
  return undefined;
}

function packageIn(folder: string): { name?: string; version?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}
