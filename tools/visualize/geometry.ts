import type { ChartState } from './chart.ts';
import { lineWidth, type TextLine } from './text.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  width: number;
  height: number;
}

/** A line of text: `x` is its left end, or its middle if it is centred; `y` its baseline. */
export interface PlacedText extends Point {
  line: TextLine;
  centred: boolean;
}

export interface PlacedBox {
  state: ChartState;
  rect: Rect;
  /** How many boxes contain it. */
  depth: number;
  /** Whether it is a region of a parallel state. */
  region: boolean;
  texts: PlacedText[];
  /** The place of the thin line between the name and the actions of the state. */
  divider: number | undefined;
}

/**
 * `initial`: a dot. `any`: start of the transitions of the state around it. `exit`: to another
 * place.
 */
export interface PlacedMark {
  kind: 'initial' | 'any' | 'exit';
  rect: Rect;
  texts: PlacedText[];
}

export interface PlacedEdge {
  points: Point[];
  /** A transition without an event. */
  eventless: boolean;
  /** Whether it ends in a state, not in a label that it shares. */
  arrow: boolean;
  /** Name of its label. */
  label: string | undefined;
}

export interface PlacedLabel {
  rect: Rect;
  texts: PlacedText[];
  /** Its text, for messages. */
  name: string;
}

/** A drawing, or a part of one: everything has a place, nothing has a colour. */
export interface Layout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  marks: PlacedMark[];
  edges: PlacedEdge[];
  labels: PlacedLabel[];
}

export const emptyLayout = (): Layout => ({
  width: 0,
  height: 0,
  boxes: [],
  marks: [],
  edges: [],
  labels: [],
});

/** Puts `part` into `whole` at a place. */
export function include(whole: Layout, part: Layout, at: Point): void {
  const rect = (r: Rect): Rect => ({ ...r, x: r.x + at.x, y: r.y + at.y });
  const texts = (list: PlacedText[]) =>
    list.map((text) => ({ ...text, x: text.x + at.x, y: text.y + at.y }));
  for (const box of part.boxes) {
    const divider = box.divider === undefined ? undefined : box.divider + at.y;
    whole.boxes.push({ ...box, rect: rect(box.rect), texts: texts(box.texts), divider });
  }
  for (const mark of part.marks)
    whole.marks.push({ ...mark, rect: rect(mark.rect), texts: texts(mark.texts) });
  for (const label of part.labels)
    whole.labels.push({ ...label, rect: rect(label.rect), texts: texts(label.texts) });
  for (const edge of part.edges)
    whole.edges.push({
      ...edge,
      points: edge.points.map(({ x, y }) => ({ x: x + at.x, y: y + at.y })),
    });
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The rectangle of a line of text. */
export function textRect({ x, y, line, centred }: PlacedText): Rect {
  const width = lineWidth(line);
  return {
    x: centred ? x - width / 2 : x,
    y: y - line.size * 0.8,
    width,
    height: line.size,
  };
}

/** Whether a vertical or horizontal line touches the rectangle. */
export function crosses(from: Point, to: Point, rect: Rect): boolean {
  return overlap(rect, {
    x: Math.min(from.x, to.x),
    y: Math.min(from.y, to.y),
    width: Math.max(Math.abs(from.x - to.x), 0.01),
    height: Math.max(Math.abs(from.y - to.y), 0.01),
  });
}
