import { boxText, leastWidth } from './boxes.ts';
import type { ChartState } from './chart.ts';
import { type Edges, edgesOf } from './edges.ts';
import { emptyLayout, include, type Layout } from './geometry.ts';
import { layoutScope } from './layout-scope.ts';
import { bestOf, packRegions, type Region, worthKeeping } from './pack.ts';

/** The desired width of a picture; wider ones are scaled down. */
const target = 1100;
const inset = 20;

/** The whole picture of a machine. */
export async function layoutChart(root: ChartState): Promise<Layout> {
  return bestOf(await layoutState(root, edgesOf(root), target), target);
}

/** The ways to draw a state and everything inside it, separately. */
async function layoutState(state: ChartState, edges: Edges, room: number): Promise<Layout[]> {
  const insides =
    state.kind === 'parallel'
      ? [await layoutRegions(state, edges, room - 2 * inset)]
      : await layoutInside(state, edges, room - 2 * inset);
  return insides.map((inside) => framed(state, edges, inside));
}

/** The ways to draw the inside of a state that is not parallel. */
async function layoutInside(state: ChartState, edges: Edges, room: number): Promise<Layout[]> {
  if (state.children.length === 0) return [emptyLayout()];
  let choices = [new Map<string, Layout>()];
  for (const inside of drawnApart(state, edges)) {
    const ways = worthKeeping(await layoutState(inside, edges, room - 2 * inset), room);
    choices = choices.flatMap((drawn) => ways.map((way) => new Map([...drawn, [inside.id, way]])));
  }
  const ways: Layout[] = [];
  for (const drawn of choices) ways.push(...(await layoutScope(state, edges, drawn, room)));
  return worthKeeping(ways, room);
}

/** The states inside that are drawn separately. */
function drawnApart(state: ChartState, edges: Edges): ChartState[] {
  return state.children.flatMap((child) =>
    child.kind === 'parallel' || edges.scopes.has(child.id) ? [child] : drawnApart(child, edges),
  );
}

/** The regions of a parallel state as cells. */
async function layoutRegions(state: ChartState, edges: Edges, room: number): Promise<Layout> {
  const regions: Region[] = [];
  for (const child of state.children) {
    const internal = edges.internal.get(child.id) ?? [];
    const insides =
      child.kind === 'parallel'
        ? [await layoutRegions(child, edges, room - 2 * inset)]
        : await layoutInside(child, edges, room - 2 * inset);
    regions.push({ state: child, internal, least: leastWidth(child, internal), insides });
  }
  return packRegions(regions, room);
}

/** A box with the state's own text on top and a drawing below. */
function framed(state: ChartState, edges: Edges, inside: Layout): Layout {
  const internal = edges.internal.get(state.id) ?? [];
  const width = Math.max(leastWidth(state, internal), inside.width + 2 * inset);
  const text = boxText(state, internal, width);
  const layout = emptyLayout();
  layout.width = width;
  layout.height = Math.ceil(text.height + 8 + inside.height + inset);
  const rect = { x: 0, y: 0, width, height: layout.height };
  layout.boxes.push({ state, rect, depth: 0, region: false, ...text });
  const boxes = inside.boxes.map((box) => ({ ...box, depth: box.depth + 1 }));
  const at = { x: (width - inside.width) / 2, y: text.height + 8 };
  include(layout, { ...inside, boxes }, at);
  return layout;
}
