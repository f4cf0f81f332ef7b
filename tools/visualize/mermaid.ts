import { type ChartState, isWithin, withDescendants } from './chart.ts';
import { type Edge, type EdgeEnd, edgesOf } from './edges.ts';
import { nearName, plainText, stateRows, transitionPhrases } from './phrases.ts';

/** The machine as a Mermaid state diagram, for viewers that draw Mermaid, such as GitHub. */
export function mermaidOf(root: ChartState): string {
  const lines = new Writer(root).root().map((line) => `  ${line}`);
  return ['stateDiagram-v2', ...lines, ''].join('\n');
}

/** Keywords of Mermaid; an id that begins with one of them is misread. */
const reserved =
  /^(as|choice|class|click|default|direction|end|fork|hide|join|note|scale|state|style)/i;

class Writer {
  readonly #root: ChartState;
  readonly #internal;
  /** Arrows with the scope in which they are drawn. */
  readonly #edges: { edge: Edge; scope: string }[];
  /** Regions without a box: see `#region`. */
  readonly #unboxed = new Set<string>();

  constructor(root: ChartState) {
    const { internal, apart } = edgesOf(root);
    this.#root = root;
    this.#internal = internal;
    this.#edges = [...apart].flatMap(([scope, edges]) => edges.map((edge) => ({ edge, scope })));
  }

  root(): string[] {
    // Regions exist inside a state only, and so do lines of the machine itself.
    const isPlain = this.#root.kind !== 'parallel' && this.#rows(this.#root).length === 0;
    return isPlain ? this.#inside(this.#root) : this.#state(this.#root);
  }

  #state(state: ChartState): string[] {
    const head = `state "${clean(state.key)}" as ${this.#id(state.id)}`;
    if (state.children.length === 0) return this.#leaf(state, state.key, this.#id(state.id));
    return [`${head} {`, ...this.#inside(state).map((line) => `  ${line}`), '}'];
  }

  #leaf(state: ChartState, name: string, id: string): string[] {
    return [`state "${clean(name)}" as ${id}`, ...this.#rows(state).map((row) => `${id} : ${row}`)];
  }

  #inside(state: ChartState): string[] {
    if (state.kind === 'parallel') {
      const own = this.#rows(state).length > 0 ? [this.#anyState(state)] : [];
      const cells = [...own, ...state.children.map((child) => this.#region(child))];
      return cells.flatMap((cell, index) => (index === 0 ? cell : ['--', ...cell]));
    }
    const edges = this.#edgesIn(state);
    const isSource = this.#edges.some(({ edge }) => edge.from.some((end) => isAny(end, state)));
    const lines = isSource || this.#rows(state).length > 0 ? this.#anyState(state) : [];
    return [...lines, ...this.#body(state, edges)];
  }

  /**
   * Mermaid cannot draw an arrow to or from a nested state inside a region. Such a region gets no
   * box of its own; its name stands beside its states.
   */
  #region(state: ChartState): string[] {
    const edges = this.#edgesIn(state);
    const boxes = state.children.filter((child) => child.children.length > 0);
    const touched = edges.some(({ from, to }) =>
      boxes.some(({ id }) => [...from, to].some((end) => end.kind === 'state' && end.id === id)),
    );
    if (!touched) return this.#state(state);
    this.#unboxed.add(state.id);
    const own = this.#leaf(state, `${state.key}, in any state`, this.#id(state.id));
    return [...own, ...this.#body(state, edges)];
  }

  #body(state: ChartState, edges: readonly Edge[]): string[] {
    const lines: string[] = [];
    if (state.initial !== undefined) lines.push(`[*] --> ${this.#id(state.initial)}`);
    for (const child of state.children) {
      lines.push(...this.#state(child));
      if (child.kind === 'final') lines.push(`${this.#id(child.id)} --> [*]`);
    }
    const exits = new Set(edges.flatMap(({ to }) => (to.kind === 'exit' ? [to.id] : [])));
    for (const id of exits)
      lines.push(`state "to ${nearName(id, state.id)}" as ${this.#exit(id, state)}`);
    return [...lines, ...edges.flatMap((edge) => this.#arrows(edge, state))];
  }

  /** The actions of a nested state itself: an extra state, since Mermaid has no place for them. */
  #anyState(state: ChartState): string[] {
    return this.#leaf(state, 'in any state', this.#anyId(state.id));
  }

  #rows(state: ChartState): string[] {
    const rows = stateRows(state, this.#internal.get(state.id) ?? []);
    return rows.map((phrases) => clean(plainText(phrases)));
  }

  #arrows({ from, to, labels }: Edge, state: ChartState): string[] {
    const nodeOf = ({ kind, id }: EdgeEnd) => {
      if (kind === 'exit') return this.#exit(id, state);
      return kind === 'any' ? this.#anyId(id) : this.#id(id);
    };
    return labels.flatMap(({ transition, target }) => {
      const label = clean(plainText(transitionPhrases(transition, target)));
      return from.map((end) => `${nodeOf(end)} --> ${nodeOf(to)} : ${label}`);
    });
  }

  /** The arrows that lie in this state, and in none inside it. */
  #edgesIn(state: ChartState): Edge[] {
    return this.#edges
      .filter(({ edge, scope }) =>
        edge.to.kind === 'exit' ? scope === state.id : innermost(this.#root, edge) === state,
      )
      .map(({ edge }) => edge);
  }

  #anyId(id: string): string {
    return this.#unboxed.has(id) ? this.#id(id) : `${this.#id(id)}_any`;
  }

  #exit(id: string, from: ChartState): string {
    return `${this.#id(from.id)}_to_${this.#id(id)}`;
  }

  #id(id: string): string {
    const path = id === this.#root.id ? id : id.slice(this.#root.id.length + 1);
    const name = path.replaceAll(/[^A-Za-z0-9]/g, '_');
    return reserved.test(name) ? `s_${name}` : name;
  }
}

const isAny = ({ kind, id }: EdgeEnd, state: ChartState) => kind === 'any' && id === state.id;

function innermost(root: ChartState, { from, to }: Edge): ChartState {
  const around = withDescendants(root).filter((state) =>
    [...from, to].every(
      ({ kind, id }) => isWithin(id, state.id) && (kind === 'any' || id !== state.id),
    ),
  );
  return around.at(-1) ?? root;
}

/** Without characters that end a label, begin an entity or are read as markup. */
function clean(text: string): string {
  return text
    .replaceAll(/[:;]/g, ',')
    .replaceAll('"', "'")
    .replaceAll(/[#`{}]/g, '')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('--', '-')
    .replaceAll('%%', '%');
}
