import { boxText } from './boxes.ts';
import type { ChartState, ChartTransition } from './chart.ts';
import { emptyLayout, include, type Layout } from './geometry.ts';

/** A region of a parallel state, with the ways to draw its inside. */
export interface Region {
  state: ChartState;
  internal: readonly ChartTransition[];
  least: number;
  insides: Layout[];
}

type Cell = Omit<Region, 'insides'> & { inside: Layout; width: number };

const gap = 14;
const inset = 18;

/** The regions in rows, in their order, in the way that fits a page of `target` best. */
export function packRegions(regions: readonly Region[], target: number): Layout {
  const ways: Layout[] = [];
  for (const cells of choices(regions))
    for (const rows of partitions(cells)) ways.push(stack(rows));
  return bestOf(ways, target);
}

/** The drawing with the least height at the width of a page that is not too small there. */
export function bestOf(ways: readonly Layout[], target: number): Layout {
  const [first = emptyLayout(), ...others] = ways;
  return others.reduce((best, way) => (cost(way, target) < cost(best, target) ? way : best), first);
}

function cost({ width, height }: Layout, target: number): number {
  return height * Math.min(1, target / width) + 6 * Math.max(0, width - target);
}

/** The best drawings: those that fit, without those that are wider and higher than another. */
export function worthKeeping(ways: readonly Layout[], target: number): Layout[] {
  const fitting = ways.filter(({ width }) => width <= target);
  const beats = (a: Layout, b: Layout) =>
    a.width <= b.width && a.height <= b.height && (a.width < b.width || a.height < b.height);
  return (fitting.length > 0 ? fitting : [bestOf(ways, target)])
    .filter((way, _, all) => !all.some((other) => beats(other, way)))
    .sort((a, b) => cost(a, target) - cost(b, target))
    .slice(0, 3);
}

function choices(regions: readonly Region[]): Cell[][] {
  let all: Cell[][] = [[]];
  for (const { insides, ...region } of regions)
    all = all.flatMap((cells) =>
      insides.map((inside) => [
        ...cells,
        { ...region, inside, width: Math.max(region.least, inside.width + 2 * inset) },
      ]),
    );
  return all;
}

/** All ways to cut a list into rows. */
function partitions(cells: readonly Cell[]): Cell[][][] {
  if (cells.length === 0) return [[]];
  const ways = [];
  for (let count = 1; count <= cells.length; count++)
    for (const rest of partitions(cells.slice(count))) ways.push([cells.slice(0, count), ...rest]);
  return ways;
}

function stack(rows: readonly Cell[][]): Layout {
  const widthOfRow = (row: readonly Cell[]) =>
    row.reduce((sum, { width }) => sum + width, gap * (row.length - 1));
  const layout = emptyLayout();
  layout.width = Math.max(...rows.map(widthOfRow));
  for (const row of rows) {
    if (layout.height > 0) layout.height += gap;
    const spare = (layout.width - widthOfRow(row)) / row.length;
    const texts = row.map((cell) => boxText(cell.state, cell.internal, cell.width + spare));
    const heights = row.map((cell, index) => {
      const text = texts[index]?.height ?? 0;
      return cell.inside.height === 0 ? text + 4 : text + 8 + cell.inside.height + inset;
    });
    const height = Math.max(...heights);
    let x = 0;
    for (const [index, cell] of row.entries()) {
      const text = texts[index];
      if (!text) continue;
      const part = cellLayout(cell, text, height);
      include(layout, part, { x, y: layout.height });
      x += text.width + gap;
    }
    layout.height += height;
  }
  return layout;
}

function cellLayout(
  { state, inside }: Cell,
  text: ReturnType<typeof boxText>,
  height: number,
): Layout {
  const layout = emptyLayout();
  const rect = { x: 0, y: 0, width: text.width, height };
  layout.boxes.push({ state, rect, depth: 0, region: true, ...text });
  const boxes = inside.boxes.map((box) => ({ ...box, depth: box.depth + 1 }));
  const at = { x: (text.width - inside.width) / 2, y: text.height + 8 };
  include(layout, { ...inside, boxes }, at);
  return layout;
}
