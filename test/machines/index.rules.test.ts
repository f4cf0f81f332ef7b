import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type AnyActorLogic,
  type AnyStateMachine,
  createActor,
  createMachine,
  StateMachine,
} from 'xstate';
import { settled } from '../../src/testing/simulated-clock.ts';
import { inputs } from '../support/machines/inputs.ts';
import { EMITTING, PARENT } from '../support/machines/parent.ts';
import { readSource } from '../support/machines/source-text.ts';
import { begin, nodesOf } from '../support/paths.ts';

/** The maximum number of lines in a machine's file. */
const MOST_LINES = 350;

const folder = new URL('../../src/machines/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.machine.ts'));

interface Machine {
  name: string;
  text: string;
  machine: AnyStateMachine;
}
const machines: Machine[] = await Promise.all(
  files.map(async (name) => {
    const url = new URL(name, folder);
    const module: Record<string, unknown> = await import(url.href);
    const found = Object.values(module).filter((value) => value instanceof StateMachine);
    if (found.length !== 1) throw new Error(`${name} exports ${found.length} machines`);
    // The class is generic in all parts of a machine.
    const machine = found[0] as AnyStateMachine;
    return { name, text: readFileSync(url, 'utf8'), machine };
  }),
);

/** All functions in a config, by their path: `states.open.invoke.0.input`. */
function functionsIn(value: unknown, path: string[] = []): { path: string[]; name: string }[] {
  if (typeof value === 'function') return [{ path, name: value.name }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => functionsIn(inner, [...path, key]));
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('the rules find at least one machine', () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
});

describe.each(machines)('$name', ({ name, text, machine }) => {
  const source = readSource(name, text);

  test(`${name} imports values from xstate only, and types as types`, () => {
    expect(source.foreign).toEqual([]);
    expect(source.mixed).toEqual([]);
  });

  test(`${name} has no enum and does not extend another setup`, () => {
    expect(source.enums).toEqual([]);
    expect(source.forbidden.filter((callee) => callee.endsWith('.extend'))).toEqual([]);
  });

  test(`${name} has a file that is short enough to read in one sitting`, () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
  });

  test(`${name} reports to the parent in its input, and emits only if it has no parent`, () => {
    expect(source.privateParents).toEqual([]);
    if (!EMITTING.includes(machine.id)) expect(source.emits).toEqual([]);
  });

  test(`${name} uses no time, no randomness and no effects from outside`, () => {
    expect(source.forbidden.filter((callee) => !callee.endsWith('.extend'))).toEqual([]);
  });

  test(`${name} has a config that opens from its JSON, with every state`, () => {
    // Parsed from JSON, so it has no specific type.
    const config = asJson(machine.config) as Parameters<typeof createMachine>[0];
    const opened = createMachine(config);
    const ids = (m: AnyStateMachine) => nodesOf(m.root).map((node) => node.id);
    expect(ids(opened)).toEqual(ids(machine));
  });

  test(`${name} refers to every guard, action and delay of its config by name`, () => {
    for (const { path, name: called } of functionsIn(machine.config)) {
      const key = path.at(-1) ?? '';
      expect({ path, called, allowed: ['context', 'input', 'params'].includes(key) }).toEqual({
        path,
        called,
        allowed: true,
      });
      expect(source.topLevel).toContain(called);
    }
  });

  test(`${name} describes every state`, () => {
    const silent = nodesOf(machine.root).filter((node) => !node.description);
    expect(silent.map((node) => node.id)).toEqual([]);
  });

  test(`${name} has plain data in its context, apart from its parent`, () => {
    const input = inputs[machine.id];
    if (!input) throw new Error(`give ${machine.id} an input in inputs.ts`);
    const [snapshot] = begin(machine, input);
    expect(snapshot.status).not.toBe('error');
    const { parent, ...context } = snapshot.context;
    expect(asJson(context)).toStrictEqual(context);
    expect(parent).toBe(EMITTING.includes(machine.id) ? undefined : PARENT);
  });

  const actors = Object.entries(machine.implementations.actors as Record<string, AnyActorLogic>);
  test.skipIf(actors.length === 0).each(actors)(
    `${name} does not run without its %s`,
    async (src, stub) => {
      const errors: unknown[] = [];
      const actor = createActor(stub, { input: {} });
      actor.subscribe({ error: (error) => errors.push(error) });
      actor.start();
      await settled();
      expect(errors).toEqual([new Error(`provide ${src}`)]);
      expect(actor.getSnapshot().status).toBe('error');
    },
  );
});

describe('the rules themselves', () => {
  test('the rules detect what they forbid', () => {
    const source = readSource(
      'bad.ts',
      `import { setup, type Actor } from 'xstate';
       import * as all from 'xstate';
       import { pixels } from '../frames/pixels.ts';
       import type { Fine } from '../frames/pixels.ts';
       export { other } from './other.ts';
       enum Mode { On }
       const machine = setup({}).extend({});
       const guard = () => Date.now() > Math.random() + new Date().getTime();
       const report = enqueueActions(({ enqueue, self }) => {
         enqueue.emit({ type: 'done' });
         if (self._parent) enqueue.sendTo(self._parent, { type: 'done' });
       });
       const announce = emit({ type: 'done' });
       await import('./later.ts');`,
    );
    expect(source.mixed).toHaveLength(1);
    expect(source.foreign).toHaveLength(4);
    expect(source.enums).toEqual(['Mode']);
    expect(source.forbidden).toEqual(['setup({}).extend', 'Date.now', 'Math.random', 'Date']);
    expect(source.emits).toEqual(['enqueue.emit', 'emit']);
    expect(source.privateParents).toEqual(['self._parent', 'self._parent']);
    expect([...source.topLevel]).toEqual(['machine', 'guard', 'report', 'announce']);
  });
});
