/** A transition as a machine's config has it, in its long form. */
export interface TransitionConfig {
  target?: string | undefined;
  guard?: unknown;
  actions?: unknown[];
  reenter?: boolean;
  description?: string;
}

/** One list of candidates for an event of a state: the first whose guard holds is taken. */
export interface Candidates {
  /** The state's path; empty for the machine itself. */
  readonly state: readonly string[];
  /** Its trigger: `track.muted`, `after backOff`, `always`, `done of encodePicture`. */
  readonly event: string;
  readonly transitions: TransitionConfig[];
  /** Puts `transitions` into the config, or removes the event if none is left. */
  store(): void;
}

/** The actions of a state at its entry or exit. */
export interface Effects {
  readonly state: readonly string[];
  readonly when: 'entry' | 'exit';
  readonly actions: unknown[];
  store(): void;
}

type Node = Record<string, unknown>;

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy that shares only the functions, which `structuredClone` refuses. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isNode(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) as T;
}

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

function transitionOf(value: unknown): TransitionConfig {
  const transition: TransitionConfig = isNode(value) ? value : { target: String(value) };
  if (transition.actions !== undefined) transition.actions = listOf(transition.actions);
  return transition;
}

/** A state of a config with its path, and all states below it. */
export function statesOf(node: Node, path: readonly string[] = []): [readonly string[], Node][] {
  const inner = Object.entries(isNode(node.states) ? node.states : {});
  const below = inner.flatMap(([key, child]) =>
    isNode(child) ? statesOf(child, [...path, key]) : [],
  );
  return [[path, node], ...below];
}

/** All transitions of a config, with any trigger. */
export function candidatesIn(config: Node): Candidates[] {
  return statesOf(config).flatMap(([state, node]) => {
    const ofKeys = (holder: unknown, nameOf: (key: string) => string, keys?: string[]) => {
      if (!isNode(holder)) return [];
      return (keys ?? Object.keys(holder))
        .filter((key) => holder[key] !== undefined)
        .map((key) => candidates(state, nameOf(key), holder, key));
    };
    return [
      ...ofKeys(node.on, (event) => event),
      ...ofKeys(node.after, (delay) => `after ${delay}`),
      ...ofKeys(node, () => 'always', ['always']),
      ...listOf(node.invoke).flatMap((invoke) =>
        ofKeys(invoke, (key) => `${key} of ${isNode(invoke) ? invoke.src : ''}`, [
          'onDone',
          'onError',
        ]),
      ),
    ];
  });
}

function candidates(state: readonly string[], event: string, holder: Node, key: string) {
  const transitions = listOf(holder[key]).map(transitionOf);
  const store = () => {
    if (transitions.length > 0) holder[key] = transitions;
    else delete holder[key];
  };
  return { state, event, transitions, store };
}

export function effectsIn(config: Node): Effects[] {
  return statesOf(config).flatMap(([state, node]) =>
    (['entry', 'exit'] as const).map((when) => {
      const actions = listOf(node[when]);
      const store = () => {
        node[when] = actions;
      };
      return { state, when, actions, store };
    }),
  );
}
