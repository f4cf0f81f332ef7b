/**
 * Replaces `xstate` for machine files while their mutants are tested: the same API, but a machine
 * is created from a changed copy of its config.
 */
import { inject } from 'vitest';
import * as xstate from 'xstate';
import { copyOf } from './config.ts';
import { mutantsOf } from './mutants.ts';

export * from 'xstate';

/** A machine's specific types do not matter here: its config is data. */
type Config = Record<string, unknown>;
type AnySetup = (schemas: object) => { createMachine(config: Config): unknown };

/** Many more steps than any event takes, so that an endless mutant fails instead of hanging. */
const MAX_ITERATIONS = 500;

function mutated(config: Config): Config {
  const wanted = inject('mutant');
  if (!wanted || wanted.machine !== config.id) return config;
  const copy = copyOf(config);
  const mutant = mutantsOf(copy).find(({ name }) => name === wanted.name);
  if (!mutant) throw new Error(`${config.id} has no mutant "${wanted.name}"`);
  mutant.apply();
  return { ...copy, options: { maxIterations: MAX_ITERATIONS } };
}

const plainSetup = xstate.setup as unknown as AnySetup;

export const setup: AnySetup = (schemas) => {
  const made = plainSetup(schemas);
  return { ...made, createMachine: (config) => made.createMachine(mutated(config)) };
};
