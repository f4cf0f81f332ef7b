import type { ElkExtendedEdge, ElkNode } from 'elkjs';
import { boxText, labelText, leafText, leastWidth, pillText } from './boxes.ts';
import { type ChartState, isWithin, withDescendants } from './chart.ts';
import { type Edge, type EdgeEnd, type Edges, reachable } from './edges.ts';
import type { Layout } from './geometry.ts';
import { nearName } from './phrases.ts';

/** A way to lay out a graph. */
export interface Style {
  direction: 'DOWN' | 'RIGHT';
  cycles: 'MODEL_ORDER' | 'DEPTH_FIRST';
  /** Whether arrows with the same text share a label. */
  share: boolean;
}

/** One scope to lay out: what is inside `state`. */
export interface Scope {
  state: ChartState;
  edges: Edges;
  /** The scopes and parallel states inside that are already drawn, by id. */
  drawn: Map<string, Layout>;
  style: Style;
}

const dot = 11;

/** The meaning of a node of the graph; the id of a state's node is the state's own. */
export const nodeIds = {
  any: (id: string) => `any:${id}`,
  exit: (id: string) => `exit:${id}`,
  initial: (id: string) => `initial:${id}`,
  /** A label that several arrows share is a node in which they meet. */
  label: (index: number) => `label:${index}`,
  edge: (index: number) => `edge:${index}`,
};

const nodeOf = ({ kind, id }: EdgeEnd) => (kind === 'state' ? id : nodeIds[kind](id));

export const edgesIn = ({ state, edges, style }: Scope): Edge[] =>
  (style.share ? edges.byScope : edges.apart).get(state.id) ?? [];

/** The graph for ELK; `widths` are the widths of the boxes in an earlier run, by id. */
export function graphOf(scope: Scope, widths: Map<string, number>): ElkNode {
  const exits = edgesIn(scope).filter(({ to }) => to.kind === 'exit');
  return {
    id: scope.state.id,
    layoutOptions: {
      ...layoutOptions(scope.style),
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
    },
    children: [
      ...contents(scope, scope.state, widths),
      ...[...new Set(exits.map(({ to }) => to.id))].map((id) => ({
        id: nodeIds.exit(id),
        ...sizeOf(exitText(id, scope.state.id)),
      })),
    ],
    edges: [...initialEdges(scope), ...edgesIn(scope).flatMap(arrows)],
  };
}

export const anyText = () => pillText('any state');
export const exitText = (id: string, scope: string) => pillText(`→ ${nearName(id, scope)}`);
const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

function arrows({ from, to, labels }: Edge, index: number): ElkExtendedEdge[] {
  const id = nodeIds.edge(index);
  const [first] = from;
  if (!first) return [];
  if (from.length === 1) {
    const { width, height, name } = labelText(labels);
    const inline = { 'elk.edgeLabels.inline': 'true' };
    // Without a text, ELK gives a label no place.
    const label = { text: name, width, height, layoutOptions: inline };
    return [{ id, sources: [nodeOf(first)], targets: [nodeOf(to)], labels: [label] }];
  }
  const meeting = nodeIds.label(index);
  return [
    ...from.map((end, at) => ({
      id: `${id}:${at}`,
      sources: [nodeOf(end)],
      targets: [meeting],
    })),
    { id, sources: [meeting], targets: [nodeOf(to)] },
  ];
}

function contents(scope: Scope, parent: ChartState, widths: Map<string, number>): ElkNode[] {
  const nodes = parent.children.map((child) => stateNode(scope, child, widths));
  for (const [index, edge] of edgesIn(scope).entries())
    if (edge.from.length > 1 && meetingPlace(scope.state, edge) === parent)
      insertLabel(nodes, edge, { id: nodeIds.label(index), ...sizeOf(labelText(edge.labels)) });
  if (edgesIn(scope).some(({ from }) => from.some((end) => isAnyOf(end, parent))))
    nodes.unshift({ id: nodeIds.any(parent.id), ...sizeOf(anyText()) });
  if (parent.initial !== undefined)
    nodes.unshift({ id: nodeIds.initial(parent.id), width: dot, height: dot });
  return nodes;
}

const isAnyOf = ({ kind, id }: EdgeEnd, state: ChartState) => kind === 'any' && id === state.id;

/** The innermost state around all ends of an edge. */
function meetingPlace(scope: ChartState, { from, to }: Edge): ChartState {
  const ends = [...from, to];
  let place = scope;
  for (;;) {
    const inner = place.children.find((child) =>
      ends.every(({ kind, id }) => isWithin(id, child.id) && (kind === 'any' || id !== child.id)),
    );
    if (!inner) return place;
    place = inner;
  }
}

/** ELK takes an order from the list: a label comes before its target, or after all its sources. */
function insertLabel(nodes: ElkNode[], { from, to }: Edge, label: ElkNode): void {
  const positionOf = ({ id }: EdgeEnd) => nodes.findIndex((node) => isWithin(id, node.id));
  const target = positionOf(to);
  const sources = from.map(positionOf);
  const isAhead = sources.some((source) => source < target);
  nodes.splice(isAhead ? target : Math.max(...sources) + 1, 0, label);
}

function stateNode(scope: Scope, state: ChartState, widths: Map<string, number>): ElkNode {
  const internal = scope.edges.internal.get(state.id) ?? [];
  const drawn = scope.drawn.get(state.id);
  if (drawn) return { id: state.id, ...sizeOf(drawn) };
  if (state.children.length === 0) return { id: state.id, ...sizeOf(leafText(state, internal)) };
  const least = leastWidth(state, internal);
  const { height } = boxText(state, internal, widths.get(state.id) ?? least);
  return {
    id: state.id,
    children: contents(scope, state, widths),
    layoutOptions: {
      'elk.padding': `[top=${height + 12},left=18,bottom=18,right=18]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${least},${height + 40})`,
    },
  };
}

function initialEdges({ state, drawn }: Scope): ElkExtendedEdge[] {
  const states = new Map(withDescendants(state).map((inside) => [inside.id, inside]));
  const edges: ElkExtendedEdge[] = [];
  const visit = (inside: ChartState): void => {
    if (drawn.has(inside.id)) return;
    if (inside.initial !== undefined)
      edges.push({
        id: nodeIds.initial(inside.id),
        sources: [nodeIds.initial(inside.id)],
        targets: [reachable(inside.initial, state.id, states)],
      });
    for (const child of inside.children) visit(child);
  };
  visit(state);
  return edges;
}

function layoutOptions({ direction, cycles }: Style): Record<string, string> {
  return {
    'elk.algorithm': 'layered',
    'elk.direction': direction,
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.json.shapeCoords': 'ROOT',
    'elk.json.edgeCoords': 'ROOT',
    'elk.spacing.nodeNode': '22',
    'elk.spacing.edgeNode': '14',
    'elk.spacing.edgeEdge': '12',
    'elk.spacing.edgeLabel': '4',
    'elk.layered.spacing.nodeNodeBetweenLayers': '22',
    'elk.layered.spacing.edgeNodeBetweenLayers': '12',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
    'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    'elk.layered.cycleBreaking.strategy': cycles,
    'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    'elk.randomSeed': '1',
  };
}
