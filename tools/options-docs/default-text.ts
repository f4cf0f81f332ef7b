import type { OptionLine as Row } from './sections.ts';

/** What a default is called in TSDoc: as TypeScript has it; `undefined` where it is in words. */
export function plainDefault({ default: value, defaultInWords }: Row): string | undefined {
  if (defaultInWords !== undefined || value === undefined) return undefined;
  if (typeof value === 'string') return `'${value}'`;
  if (value === Number.POSITIVE_INFINITY) return 'none';
  return typeof value === 'number' && !Number.isInteger(value) ? fraction(value) : String(value);
}

/** What a default is called in the docs. */
export function defaultText(row: Row): string {
  const plain = plainDefault(row);
  if (plain !== undefined) return /^['tf]/.test(plain) ? `\`${plain}\`` : plain;
  return row.defaultInWords ?? 'required';
}

export const rangeText = ({ range, unit }: Row): string => (unit ? `${range} ${unit}` : range);

/** 0.03 as it is, and a third as `1/3`. */
function fraction(value: number): string {
  const short = String(value);
  return short.length > 6 ? `1/${Math.round(1 / value)}` : short;
}
