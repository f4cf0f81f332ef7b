import {
  contains,
  crosses,
  type Layout,
  overlap,
  type PlacedText,
  type Rect,
  textRect,
} from './geometry.ts';

/** Everything in a drawing that would be hard to read, in words. */
export function findOverlaps(layout: Layout): string[] {
  return [...labelsOnLabels(layout), ...labelsOnBoxes(layout), ...textOutside(layout)];
}

/**
 * Checks that a drawing can be read: no label lies on another label, on the border of a state, on a
 * state's text or on a mark, and no text leaves its box, its label or the picture.
 * @throws Error that lists the overlaps.
 */
export function assertNoOverlaps(layout: Layout): void {
  const problems = findOverlaps(layout);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function labelsOnLabels({ labels, marks }: Layout): string[] {
  const problems: string[] = [];
  for (const [index, label] of labels.entries()) {
    for (const other of labels.slice(index + 1))
      if (overlap(label.rect, other.rect)) problems.push(`'${label.name}' on '${other.name}'`);
    for (const mark of marks)
      if (overlap(label.rect, mark.rect)) problems.push(`'${label.name}' on a mark (${mark.kind})`);
  }
  return problems;
}

function labelsOnBoxes({ labels, boxes }: Layout): string[] {
  const problems: string[] = [];
  for (const label of labels) {
    for (const { rect, state, texts } of boxes) {
      if (!overlap(label.rect, rect)) continue;
      if (!contains(rect, label.rect))
        problems.push(`'${label.name}' on the border of ${state.id}`);
      else if (texts.some((text) => overlap(label.rect, textRect(text))))
        problems.push(`'${label.name}' on the text of ${state.id}`);
    }
  }
  return problems;
}

function textOutside({ width, height, boxes, labels, marks }: Layout): string[] {
  const problems: string[] = [];
  const picture: Rect = { x: 0, y: 0, width, height };
  const check = (what: string, rect: Rect, texts: PlacedText[]) => {
    if (!contains(picture, rect)) problems.push(`${what} leaves the picture`);
    for (const text of texts) {
      const words = text.line.spans.map((span) => span.text).join('');
      if (!contains(rect, textRect(text))) problems.push(`'${words}' leaves ${what}`);
    }
  };
  for (const box of boxes) check(box.state.id, box.rect, box.texts);
  for (const label of labels) check(`the label '${label.name}'`, label.rect, label.texts);
  for (const mark of marks) if (mark.texts.length > 0) check('a mark', mark.rect, mark.texts);
  return problems;
}

/** How often a line runs through a label that is not its own, or through the text of a state. */
export function linesOverText({ edges, labels, boxes }: Layout): number {
  let count = 0;
  for (const { points, label } of edges) {
    const inTheWay = [
      ...labels.filter(({ name }) => name !== label).map(({ rect }) => rect),
      ...boxes.flatMap(({ texts }) => texts.map(textRect)),
    ];
    for (const [index, to] of points.entries()) {
      const from = points[index - 1];
      if (from) count += inTheWay.filter((rect) => crosses(from, to, rect)).length;
    }
  }
  return count;
}
