import { not } from 'xstate';
import {
  type Candidates,
  candidatesIn,
  effectsIn,
  isNode,
  statesOf,
  type TransitionConfig,
} from './config.ts';

/** One change of a config, whose effect a test should detect. */
export interface Mutant {
  /** Unique in its machine: `opening -- stream.opened [ofCurrentStream]: removed`. */
  readonly name: string;
  /** Changes the config from which the mutants were made, in place. */
  apply(): void;
}

type Config = Record<string, unknown>;

/** All mutants of a config. Each is applied to a separate copy. */
export function mutantsOf(config: Config): Mutant[] {
  return [
    ...candidatesIn(config).flatMap((candidates) =>
      candidates.transitions.flatMap((transition) => ofTransition(config, candidates, transition)),
    ),
    ...effectsIn(config).flatMap(({ state, when, actions, store }) =>
      withoutEach(actions, store).map(({ name, apply }) => ({
        name: `${nameOf(state)} -- ${when}: ${name}`,
        apply,
      })),
    ),
  ];
}

const nameOf = (state: readonly string[]) => state.join('.') || '(root)';

function ofTransition(config: Config, of: Candidates, transition: TransitionConfig): Mutant[] {
  const { state, event, transitions, store } = of;
  const index = transitions.indexOf(transition);
  const place = `${nameOf(state)} -- ${event}${transitions.length > 1 ? ` #${index}` : ''}`;
  const guard = transition.guard === undefined ? '' : ` [${labelOf(transition.guard)}]`;
  const mutants: Mutant[] = [];
  const add = (name: string, change: () => void) => {
    const apply = () => {
      change();
      store();
    };
    mutants.push({ name: `${place}${guard}: ${name}`, apply });
  };

  add('removed', () => transitions.splice(index, 1));
  const { target } = transition;
  const other = target === undefined ? undefined : elsewhere(config, state, target);
  if (other !== undefined)
    add(`to ${other}`, () => {
      transition.target = other;
    });
  if (transition.reenter)
    add('does not enter again', () => {
      transition.reenter = false;
    });
  if (transition.guard !== undefined) {
    const held = transition.guard;
    add('without its guard', () => {
      delete transition.guard;
    });
    add('its guard negated', () => {
      transition.guard = not(held as Parameters<typeof not>[0]);
    });
  }
  for (const { name, apply } of withoutEach(transition.actions ?? [], () => {})) add(name, apply);
  return mutants;
}

function withoutEach(actions: unknown[], store: () => void): Mutant[] {
  return actions.map((action, index) => ({
    name: `without ${labelOf(action)}`,
    apply: () => {
      actions.splice(index, 1);
      store();
    },
  }));
}

/** `reportLoss`, `failLooks(off)`: an action or a guard with its fixed parameters. */
function labelOf(named: unknown): string {
  if (!isNode(named)) return String(named);
  const fixed = isNode(named.params) ? `(${Object.values(named.params).join(', ')})` : '';
  return `${String(named.type)}${fixed}`;
}

/** Another target under the same parent, and not the source if there is a choice. */
function elsewhere(config: Config, source: readonly string[], target: string): string | undefined {
  const at = Math.max(target.lastIndexOf('.'), target.lastIndexOf('#'));
  const [prefix, name] = [target.slice(0, at + 1), target.slice(at + 1)];
  const parent = parentOf(config, source, prefix);
  const node = statesOf(config).find(([path]) => nameOf(path) === nameOf(parent))?.[1];
  const keys = Object.keys(isNode(node?.states) ? node.states : {});
  const others = [...keys.slice(keys.indexOf(name) + 1), ...keys.slice(0, keys.indexOf(name))];
  // A state that another region leads out of has only targets outside its own region.
  const isSource = (key: string) => source[parent.length] === key;
  const other = others.find((key) => !isSource(key)) ?? others[0];
  return other === undefined ? undefined : `${prefix}${other}`;
}

/** The parent of a target: `#id.path.name` names it from the top, `.name` from the source. */
function parentOf(config: Config, source: readonly string[], prefix: string): readonly string[] {
  if (prefix === '.') return source;
  if (prefix === '') return source.slice(0, -1);
  const path = prefix.split('.').filter((part) => part !== '');
  if (path[0] !== `#${String(config.id)}`) throw new Error(`no target under ${prefix}`);
  return path.slice(1);
}
