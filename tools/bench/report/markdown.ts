import { markdownTable } from 'markdown-table';

type Cell = string | number | null;

/** A table that is readable both as text and as Markdown; a missing value is a dash. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  // Names to the left, figures to the right.
  const align = head.map((_, column) => (column === 0 ? null : 'r'));
  return markdownTable([head, ...cells], { align });
}

/** `a` as a multiple of `b`; `null` if one of them is missing. */
export function ratio(a: number | null | undefined, b: number | null | undefined): number | null {
  if (a === null || a === undefined || b === null || b === undefined || b === 0) return null;
  return a / b;
}

/** `3.1 x` */
export const times = (value: number | null): string | null =>
  value === null ? null : `${value.toFixed(value < 1 ? 2 : 1)} x`;

export const fixed = (value: number | null | undefined, digits: number): string | null =>
  value === null || value === undefined ? null : value.toFixed(digits);
