/** Objects whose functions tests replace, by the name in a failure. */
const SHARED: Readonly<Record<string, object>> = {
  globalThis,
  performance,
  Date,
  Math,
  process,
  console,
  Number,
  JSON,
};

/**
 * The test runner replaces the first two itself, for each file. The browser's driver replaces
 * `process.cwd` when it is loaded, with one that remembers the folder.
 */
const NOT_OF_TESTS: ReadonlySet<string> = new Set(['process.exit', 'process.chdir', 'process.cwd']);

const ORIGINALS = Symbol.for('sightline:test-originals');

/** What was there before the first file of this process ran. */
function originals(): Map<string, Map<string, unknown>> {
  const kept = Reflect.get(globalThis, ORIGINALS) as Map<string, Map<string, unknown>> | undefined;
  if (kept) return kept;
  const taken = new Map(
    Object.entries(SHARED).map(([name, owner]) => [name, new Map(functionsOf(owner))]),
  );
  Reflect.set(globalThis, ORIGINALS, taken);
  return taken;
}

function* functionsOf(owner: object): Generator<[string, unknown]> {
  const holder = owner === performance ? Performance.prototype : owner;
  for (const name of Object.getOwnPropertyNames(holder)) {
    // A getter may load a part of Node.js, or warn.
    const { value } = Object.getOwnPropertyDescriptor(holder, name) ?? {};
    if (typeof value === 'function') yield [name, value];
  }
}

originals();

/**
 * The functions that a test file replaced and left behind. They are put back: the next file of the
 * same process would run with them, and wait without end for an interval of a clock that stopped.
 */
export function takeReplaced(): string[] {
  return [...originals()].flatMap(([name, functions]) => {
    const owner = SHARED[name] ?? {};
    return [...functions].flatMap(([key, original]) => {
      const path = `${name}.${key}`;
      if (NOT_OF_TESTS.has(path) || Reflect.get(owner, key) === original) return [];
      Object.defineProperty(owner, key, { configurable: true, writable: true, value: original });
      return [path];
    });
  });
}
