import { type ChartState, type ChartTransition, isWithin, withDescendants } from './chart.ts';
import { nearName, plainText, transitionPhrases } from './phrases.ts';

/** A transition on an arrow. `target` names a target that the arrow itself cannot reach. */
export interface EdgeLabel {
  transition: ChartTransition;
  target: string | undefined;
}

/** `any`: the active state inside `id`. `exit`: `id` lies outside this region. */
export interface EdgeEnd {
  kind: 'state' | 'any' | 'exit';
  id: string;
}

/** Transitions with the same text and the same target: one label, one arrow. */
export interface Edge {
  from: EdgeEnd[];
  to: EdgeEnd;
  labels: EdgeLabel[];
}

export interface Edges {
  /** Transitions that are lines inside a state's box, by the state's id. */
  internal: Map<string, ChartTransition[]>;
  /** The arrows inside a scope, by its id. */
  byScope: Map<string, Edge[]>;
  /** The same, with arrows of several sources joined into one arrow from each. */
  apart: Map<string, Edge[]>;
  /**
   * States whose inside is drawn separately: the machine, the regions of parallel states, and
   * states whose border no arrow crosses.
   */
  scopes: Set<string>;
}

type Arrow = { from: EdgeEnd; to: EdgeEnd; label: EdgeLabel };

/** Decides which transitions are arrows, between what, and which are lines inside a box. */
export function edgesOf(root: ChartState): Edges {
  const all = withDescendants(root);
  const states = new Map(all.map((state) => [state.id, state]));
  const internal = new Map<string, ChartTransition[]>();
  const arrows: Arrow[] = [];
  const visit = (state: ChartState, region: ChartState): void => {
    for (const transition of state.transitions) {
      const arrow = arrowOf(state, region, transition, states);
      if (arrow) arrows.push(arrow);
      else internal.set(state.id, [...(internal.get(state.id) ?? []), transition]);
    }
    for (const child of state.children) visit(child, state.kind === 'parallel' ? child : region);
  };
  visit(root, root);
  const regions = all.flatMap((state) => (state.kind === 'parallel' ? state.children : []));
  const closed = all.filter(
    (state) =>
      state.kind === 'compound' &&
      arrows.every(({ from, to }) => isInside(from, state.id) === isInside(to, state.id)),
  );
  const scopes = new Set([root, ...regions, ...closed].map((state) => state.id));
  const byScope = perScope(shared(arrows), [...scopes]);
  const apart = perScope(arrows.map(single), [...scopes]);
  return { internal, byScope, apart, scopes };
}

/** Whether an end of an arrow is drawn inside the box of a state. */
function isInside({ kind, id }: EdgeEnd, box: string): boolean {
  return kind !== 'exit' && isWithin(id, box) && (kind === 'any' || id !== box);
}

function arrowOf(
  state: ChartState,
  region: ChartState,
  transition: ChartTransition,
  states: Map<string, ChartState>,
): Arrow | undefined {
  const target = transition.targets[0];
  if (target === undefined || isWithin(state.id, target)) return undefined;
  const inside = isWithin(target, state.id);
  if (inside && state.kind === 'parallel') return undefined;
  const from: EdgeEnd = { kind: inside ? 'any' : 'state', id: state.id };
  if (!isWithin(target, region.id)) {
    // A transition of the region itself is a line in its box.
    if (state.id === region.id) return undefined;
    return { from, to: { kind: 'exit', id: target }, label: { transition, target: undefined } };
  }
  const reached = reachable(target, region.id, states);
  const label = { transition, target: reached === target ? undefined : nearName(target, reached) };
  return { from, to: { kind: 'state', id: reached }, label };
}

/** The target, or the parallel state around it: arrows do not enter regions. */
export function reachable(target: string, region: string, states: Map<string, ChartState>): string {
  let reached = target;
  for (let id = target; id !== region; id = id.slice(0, id.lastIndexOf('.')))
    if (id !== target && states.get(id)?.kind === 'parallel') reached = id;
  return reached;
}

const single = ({ from, to, label }: Arrow): Edge => ({ from: [from], to, labels: [label] });

/** Joins the arrows with the same text and the same target. */
function shared(arrows: readonly Arrow[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const arrow of arrows) {
    const key = `${nameOf(arrow.to)} ${textOf(arrow.label)}`;
    const known = edges.get(key);
    if (!known) edges.set(key, single(arrow));
    else if (!known.from.some((end) => nameOf(end) === nameOf(arrow.from)))
      known.from.push(arrow.from);
  }
  return [...edges.values()];
}

/** By scope, and arrows between the same ends as one arrow with several labels. */
function perScope(edges: readonly Edge[], scopes: readonly string[]): Map<string, Edge[]> {
  const joined = new Map<string, Edge>();
  for (const edge of edges) {
    const key = [...edge.from, edge.to].map(nameOf).join(' ');
    const known = joined.get(key);
    if (known) known.labels.push(...edge.labels);
    else joined.set(key, edge);
  }
  const byScope = new Map<string, Edge[]>();
  for (const edge of joined.values()) {
    const scope = scopeOf(edge, scopes);
    byScope.set(scope, [...(byScope.get(scope) ?? []), edge]);
  }
  return byScope;
}

/** The innermost scope that contains all ends of an edge; an exit is in the scope of its start. */
function scopeOf({ from, to }: Edge, scopes: readonly string[]): string {
  const ends = to.kind === 'exit' ? from : [...from, to];
  const around = scopes.filter((scope) => ends.every((end) => isInside(end, scope)));
  return around.reduce((deepest, scope) => (scope.length > deepest.length ? scope : deepest), '');
}

const nameOf = ({ kind, id }: EdgeEnd) => `${kind}:${id}`;

const textOf = ({ transition, target }: EdgeLabel) =>
  plainText(transitionPhrases(transition, target));
