import ElkModule, { type ElkExtendedEdge, type ElkNode } from 'elkjs';
import { boxText, labelText, leafText } from './boxes.ts';
import type { ChartState } from './chart.ts';
import { findOverlaps, linesOverText } from './check-layout.ts';
import type { Edges } from './edges.ts';
import {
  anyText,
  edgesIn,
  exitText,
  graphOf,
  nodeIds,
  type Scope,
  type Style,
} from './elk-graph.ts';
import { emptyLayout, include, type Layout, type Point, type Rect } from './geometry.ts';

const elk = new ElkModule.default();

/**
 * The ways in which the inside of a scope can be drawn: for each direction the clearest one. `room`
 * is the width of the page.
 */
export async function layoutScope(
  state: ChartState,
  edges: Edges,
  drawn: Map<string, Layout>,
  room: number,
): Promise<Layout[]> {
  const best = async (direction: Style['direction']): Promise<Layout> => {
    const layouts: Layout[] = [];
    for (const share of sharesLabels(state, edges) ? [true, false] : [false])
      for (const cycles of ['MODEL_ORDER', 'DEPTH_FIRST'] as const)
        layouts.push(await run({ state, edges, drawn, style: { direction, cycles, share } }));
    return layouts.reduce((a, b) => (flawsOf(b) < flawsOf(a) ? b : a));
  };
  const down = await best('DOWN');
  // A drawing that is longer than the page as a column does not fit as a row, in which labels take
  // more space.
  return down.height > room ? [down] : [down, await best('RIGHT')];
}

const sharesLabels = (state: ChartState, { byScope }: Edges): boolean =>
  byScope.get(state.id)?.some(({ from }) => from.length > 1) ?? false;

/** How unclear a drawing is: overlaps first, then lines over text, then size. */
function flawsOf(layout: Layout): number {
  return (
    1e7 * findOverlaps(layout).length + 1e5 * linesOverText(layout) + layout.width * layout.height
  );
}

async function run(scope: Scope): Promise<Layout> {
  const first = await elk.layout(graphOf(scope, new Map()));
  const widths = new Map<string, number>();
  const measure = (node: ElkNode): void => {
    for (const child of node.children ?? []) {
      if (child.children) widths.set(child.id, child.width ?? 0);
      measure(child);
    }
  };
  measure(first);
  // Again: a wide box needs less height for its text than the narrow one that was assumed.
  const graph = widths.size > 0 ? await elk.layout(graphOf(scope, widths)) : first;
  return drawingOf(scope, graph);
}

function drawingOf(scope: Scope, graph: ElkNode): Layout {
  const layout = emptyLayout();
  layout.width = Math.ceil(graph.width ?? 0);
  layout.height = Math.ceil(graph.height ?? 0);
  placeNodes(scope, scope.state, graph, 1, layout);
  for (const edge of graph.edges ?? []) placeEdge(scope, edge, layout);
  return layout;
}

function placeNodes(
  scope: Scope,
  parent: ChartState,
  node: ElkNode,
  depth: number,
  layout: Layout,
): void {
  for (const child of node.children ?? []) {
    const state = parent.children.find(({ id }) => id === child.id);
    if (state) placeState(scope, state, child, depth, layout);
    else placeOther(scope, child, layout);
  }
}

function placeState(
  scope: Scope,
  state: ChartState,
  node: ElkNode,
  depth: number,
  layout: Layout,
): void {
  const rect = rectOf(node);
  const drawn = scope.drawn.get(state.id);
  if (drawn) {
    const boxes = drawn.boxes.map((box) => ({ ...box, depth: box.depth + depth }));
    include(layout, { ...drawn, boxes }, rect);
    return;
  }
  const internal = scope.edges.internal.get(state.id) ?? [];
  const isLeaf = state.children.length === 0;
  const text = isLeaf ? leafText(state, internal) : boxText(state, internal, rect.width);
  const divider = text.divider === undefined ? undefined : text.divider + rect.y;
  const texts = moved(text.texts, rect);
  layout.boxes.push({ state, rect, depth, region: false, texts, divider });
  placeNodes(scope, state, node, depth + 1, layout);
}

/** A node that is no state: a mark, or a label that arrows share. */
function placeOther(scope: Scope, node: ElkNode, layout: Layout): void {
  const rect = rectOf(node);
  for (const [index, { labels }] of edgesIn(scope).entries()) {
    if (node.id !== nodeIds.label(index)) continue;
    const { texts, name } = labelText(labels);
    layout.labels.push({ rect, texts: moved(texts, rect), name });
    return;
  }
  const [kind, id = ''] = node.id.split(':');
  if (kind === 'initial') layout.marks.push({ kind, rect, texts: [] });
  if (kind === 'any') layout.marks.push({ kind, rect, texts: moved(anyText().texts, rect) });
  if (kind === 'exit') {
    const { texts } = exitText(id, scope.state.id);
    layout.marks.push({ kind, rect, texts: moved(texts, rect) });
  }
}

function placeEdge(scope: Scope, item: ElkExtendedEdge, layout: Layout): void {
  const points = (item.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x, y })),
  );
  const [kind, index, branch] = item.id.split(':');
  const edge = kind === 'edge' ? edgesIn(scope)[Number(index)] : undefined;
  const { name, texts } = edge ? labelText(edge.labels) : { name: undefined, texts: [] };
  const eventless = edge?.labels.every(({ transition }) => transition.trigger.kind === 'always');
  layout.edges.push({
    points: straightened(points),
    eventless: eventless ?? false,
    arrow: branch === undefined,
    label: name,
  });
  const label = item.labels?.[0];
  if (!label || name === undefined) return;
  const rect = rectOf(label);
  layout.labels.push({ rect, texts: moved(texts, rect), name });
}

/** Removes the steps of a pixel that ELK leaves in lines that cross the border of a box. */
function straightened(points: readonly Point[]): Point[] {
  const straight: Point[] = [];
  for (const { x, y } of points) {
    const last = straight.at(-1) ?? { x, y };
    straight.push({
      x: Math.abs(x - last.x) < 2 ? last.x : x,
      y: Math.abs(y - last.y) < 2 ? last.y : y,
    });
  }
  return straight;
}

const rectOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Rect>): Rect => ({
  x,
  y,
  width,
  height,
});

const moved = <T extends Point>(items: readonly T[], by: Point): T[] =>
  items.map((item) => ({ ...item, x: item.x + by.x, y: item.y + by.y }));
