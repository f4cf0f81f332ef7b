import { htmlEscape } from 'escape-goat';
import type { ChartState } from './chart.ts';
import type {
  Layout,
  PlacedBox,
  PlacedEdge,
  PlacedLabel,
  PlacedMark,
  PlacedText,
  Point,
} from './geometry.ts';
import { chartStyle } from './palette.ts';
import { isBold } from './text.ts';

/** The picture of a machine as a standalone SVG, light, and dark if the reader prefers it. */
export function drawSvg(root: ChartState, layout: Layout): string {
  const width = Math.ceil(layout.width);
  const height = Math.ceil(layout.height);
  const about = root.description ? `${root.key}: ${root.description}` : root.key;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width + 2} ${height + 2}" width="${width + 2}" height="${height + 2}" role="img" aria-label="${htmlEscape(about)}">`,
    `<style>${chartStyle}</style>`,
    '<g transform="translate(1 1)">',
    ...layout.boxes.map(box),
    ...layout.edges.map(edge),
    ...layout.marks.map(mark),
    ...layout.labels.map(label),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** To a tenth of a pixel, which is the same on every machine. */
const n = (value: number) => `${Math.round(value * 10) / 10}`;

function box({ state, rect, depth, region, texts, divider }: PlacedBox): string {
  const kind =
    depth === 0 ? 'root' : region ? 'region' : state.children.length > 0 ? 'group' : 'state';
  const radius = depth === 0 ? 12 : 8;
  const parts = [shape(kind, rect.x, rect.y, rect.width, rect.height, radius)];
  if (state.kind === 'final')
    parts.push(shape('inner', rect.x + 3, rect.y + 3, rect.width - 6, rect.height - 6, 5.5));
  if (divider !== undefined)
    parts.push(
      `<path class="rule" d="M${n(rect.x + 12)} ${n(divider)}H${n(rect.x + rect.width - 12)}"/>`,
    );
  return `<g data-state="${htmlEscape(state.id)}">${parts.join('')}${texts.map(text).join('')}</g>`;
}

const shape = (kind: string, x: number, y: number, width: number, height: number, radius: number) =>
  `<rect class="${kind}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`;

function text({ x, y, line, centred }: PlacedText): string {
  const spans = line.spans.map(({ text: words, tone }) => {
    const weight = isBold(tone) ? ' b' : '';
    return `<tspan class="${tone}${weight}">${htmlEscape(words)}</tspan>`;
  });
  const anchor = centred ? ' text-anchor="middle"' : '';
  return `<text x="${n(x + line.indent)}" y="${n(y)}" font-size="${line.size}"${anchor} xml:space="preserve">${spans.join('')}</text>`;
}

function label({ rect, texts }: PlacedLabel): string {
  return shape('label', rect.x, rect.y, rect.width, rect.height, 6) + texts.map(text).join('');
}

function mark({ kind, rect, texts }: PlacedMark): string {
  const radius = rect.height / 2;
  if (kind === 'initial')
    return `<circle class="initial" cx="${n(rect.x + radius)}" cy="${n(rect.y + radius)}" r="${n(radius)}"/>`;
  return shape(kind, rect.x, rect.y, rect.width, rect.height, radius) + texts.map(text).join('');
}

function edge({ points, eventless, arrow }: PlacedEdge): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) return '';
  const kind = eventless ? 'edge eventless' : 'edge';
  const line = `<path class="${kind}" d="${rounded(points)}"/>`;
  return line + arrowHead(before, tip, arrow ? 8 : 6);
}

/** A line through the points with rounded corners. */
function rounded(points: readonly Point[]): string {
  let path = '';
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before) path += `M${n(point.x)} ${n(point.y)}`;
    else if (!after) path += `L${n(point.x)} ${n(point.y)}`;
    else {
      // The arrow head needs a straight end of the last part.
      const last = index === points.length - 2;
      const free = last ? Math.max(2, distance(point, after) - 9) : distance(point, after) / 2;
      const radius = Math.min(7, distance(before, point) / 2, free);
      const start = towards(point, before, radius);
      const end = towards(point, after, radius);
      path += `L${n(start.x)} ${n(start.y)}Q${n(point.x)} ${n(point.y)} ${n(end.x)} ${n(end.y)}`;
    }
  }
  return path;
}

function arrowHead(from: Point, tip: Point, length: number): string {
  const back = towards(tip, from, length);
  const side = { x: (tip.y - back.y) / 2, y: (back.x - tip.x) / 2 };
  const left = `${n(back.x + side.x)} ${n(back.y + side.y)}`;
  const right = `${n(back.x - side.x)} ${n(back.y - side.y)}`;
  return `<path class="arrow" d="M${n(tip.x)} ${n(tip.y)}L${left}L${right}Z"/>`;
}

const distance = (a: Point, b: Point) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return {
    x: from.x + ((to.x - from.x) * by) / length,
    y: from.y + ((to.y - from.y) * by) / length,
  };
}
