import type { ChartState, ChartTransition } from './chart.ts';
import type { EdgeLabel } from './edges.ts';
import type { PlacedText } from './geometry.ts';
import { plainText, stateRows, transitionPhrases } from './phrases.ts';
import {
  flow,
  lineWidth,
  type Phrase,
  type Span,
  spaced,
  type TextLine,
  widthOf,
  wrapProse,
} from './text.ts';

const sizes = { picture: 19, about: 13, title: 14, small: 11, row: 12, label: 11.5 };
const padding = { x: 12, top: 10, bottom: 10 };
const widest = { leaf: 236, row: 324, label: 176 };
const columnGap = 28;

/** The text of a box, fitted to a width. */
export interface BoxText {
  width: number;
  height: number;
  texts: PlacedText[];
  divider: number | undefined;
}

/** A box around its own text: a state without states inside. */
export function leafText(state: ChartState, internal: readonly ChartTransition[]): BoxText {
  const rows = stateRows(state, internal);
  const title = widthOf([{ text: state.key, tone: 'title' }], sizes.title);
  const inRows = rows.flatMap((row) => flow(row, sizes.row, widest.leaf, 12)).map(lineWidth);
  const content = Math.max(title, ...inRows);
  const prose = wrapProse(state.description ?? '', sizes.small, Math.max(content, 176));
  const inner = Math.ceil(Math.max(content, ...prose.map(lineWidth)));
  return boxText(state, internal, inner + 2 * padding.x);
}

/** The least width of a box with states inside. */
export function leastWidth(state: ChartState, internal: readonly ChartTransition[]): number {
  const lines = stateRows(state, internal).flatMap((row) => flow(row, sizes.row, widest.leaf, 12));
  const title = widthOf([{ text: state.key, tone: 'title' }], titleSize(state));
  return Math.ceil(Math.max(title, 130, ...lines.map(lineWidth))) + 2 * padding.x;
}

/** The name, the description and the compact lines of a state, in a box of a given width. */
export function boxText(
  state: ChartState,
  internal: readonly ChartTransition[],
  width: number,
): BoxText {
  const isRoot = state.path.length === 0;
  const inner = width - 2 * padding.x;
  const texts: PlacedText[] = [];
  let y = padding.top + (isRoot ? 6 : 0);
  const put = (line: TextLine, x: number, height: number) => {
    texts.push({ x, y: y + (height + line.size * 0.7) / 2, line, centred: false });
    y += height;
  };
  const title: Span[] = [{ text: state.key, tone: 'title' }];
  put({ spans: title, size: titleSize(state), indent: 0 }, padding.x, titleSize(state) + 5);
  const small = isRoot ? sizes.about : sizes.small;
  for (const line of wrapProse(state.description ?? '', small, inner))
    put(line, padding.x, small + 4);
  const rows = stateRows(state, internal);
  if (rows.length === 0) return { width, height: y + padding.bottom, texts, divider: undefined };
  y += 5;
  const divider = y;
  y += 5;
  const top = y;
  const columns = inColumns(rows, inner);
  const bottoms = columns.map(({ x, lines }) => {
    y = top;
    for (const line of lines) put(line, padding.x + x, sizes.row + 4.5);
    return y;
  });
  return { width, height: Math.max(...bottoms) + padding.bottom - 2, texts, divider };
}

const titleSize = (state: ChartState) => (state.path.length === 0 ? sizes.picture : sizes.title);

/**
 * The rows in as many columns as the width allows, read downwards; a few rows stay in one column.
 */
function inColumns(rows: readonly Phrase[][], width: number): { x: number; lines: TextLine[] }[] {
  const natural = rows.map((row) => widthOf(spaced(row.flat()), sizes.row));
  const column = Math.min(Math.max(...natural), widest.row);
  const fitting = Math.floor((width + columnGap) / (column + columnGap));
  const count = rows.length < 4 ? 1 : Math.max(1, Math.min(fitting, Math.ceil(rows.length / 2)));
  const perColumn = Math.ceil(rows.length / count);
  const columns = [];
  for (let start = 0; start < rows.length; start += perColumn) {
    const room = count === 1 ? width : column;
    const lines = rows
      .slice(start, start + perColumn)
      .flatMap((row) => flow(row, sizes.row, room, 12));
    columns.push({ x: columns.length * (column + columnGap), lines });
  }
  return columns;
}

/** The text on an arrow, and its space. */
export function labelText(labels: readonly EdgeLabel[]): BoxText & { name: string } {
  const blocks = labels.map(({ transition, target }) =>
    flow(transitionPhrases(transition, target), sizes.label, widest.label),
  );
  const width = Math.ceil(Math.max(...blocks.flat().map(lineWidth)) + 14);
  const texts: PlacedText[] = [];
  let y = 4;
  for (const [index, block] of blocks.entries()) {
    if (index > 0) y += 5;
    for (const line of block) {
      const baseline = y + (sizes.label + 3 + line.size * 0.7) / 2;
      texts.push({ x: width / 2, y: baseline, line, centred: true });
      y += sizes.label + 3;
    }
  }
  const name = labels
    .map(({ transition, target }) => plainText(transitionPhrases(transition, target)))
    .join('; ');
  return { width, height: y + 4, texts, divider: undefined, name };
}

/** A small pill: `any state`, or the name of a state elsewhere. */
export function pillText(text: string): BoxText {
  const line: TextLine = { spans: [{ text, tone: 'muted' }], size: sizes.small, indent: 0 };
  const width = Math.ceil(lineWidth(line) + 20);
  const height = 22;
  const y = (height + sizes.small * 0.7) / 2;
  return { width, height, texts: [{ x: width / 2, y, line, centred: true }], divider: undefined };
}
