/**
 * A process that keeps vitest loaded and runs tests against one mutant after the other. It is
 * separate because a mutant may never end; then it is killed from outside.
 */
import { fileURLToPath } from 'node:url';
import { BaseSequencer, createVitest, type TestSpecification } from 'vitest/node';

export interface WantedRun {
  readonly mutant: { readonly machine: string; readonly name: string } | null;
  readonly files: string[];
}

/** The first test that failed, and why; `null` if all passed. */
export interface Verdict {
  readonly failed: { readonly test: string; readonly reason: string } | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    mutant: WantedRun['mutant'];
  }
}

/** In the requested order. */
class AsGiven extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url));
const vitest = await createVitest(
  'test',
  { config, watch: false, reporters: [{}], sequence: { sequencer: AsGiven } },
  {},
);
await vitest.standalone();

async function run({ mutant, files }: WantedRun): Promise<Verdict> {
  vitest.provide('mutant', mutant);
  const project = vitest.getRootProject();
  const specifications = files.map((file) => project.createSpecification(file));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  for (const testModule of testModules) {
    for (const test of testModule.children.allTests()) {
      const { state, errors } = test.result();
      if (state === 'failed') return failure(test.fullName, errors?.[0]?.message);
    }
    const [error] = testModule.errors();
    if (error) return failure(testModule.moduleId, error.message);
  }
  if (unhandledErrors.length > 0) return failure('outside of a test', String(unhandledErrors[0]));
  return { failed: null };
}

const failure = (test: string, reason = ''): Verdict => ({
  failed: { test, reason: reason.split('\n')[0] ?? '' },
});

process.on('message', (wanted: WantedRun) => {
  run(wanted).then(
    (verdict) => process.send?.(verdict),
    (error: unknown) => process.send?.(failure('the test run itself', String(error))),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
