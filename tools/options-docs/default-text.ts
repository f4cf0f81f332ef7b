import type { OptionLine as Row } from './sections.ts';

/** A default as TSDoc writes it, in TypeScript; `undefined` if it is described in words. */
export function plainDefault({ default: value, defaultInWords }: Row): string | undefined {
  if (defaultInWords !== undefined || value === undefined) return undefined;
  if (typeof value === 'string') return `'${value}'`;
  if (value === Number.POSITIVE_INFINITY) return 'none';
  return typeof value === 'number' && !Number.isInteger(value) ? fraction(value) : String(value);
}

/** A default as the docs write it. */
export function defaultText(row: Row): string {
  const plain = plainDefault(row);
  if (plain !== undefined) return /^['tf]/.test(plain) ? `\`${plain}\`` : plain;
  return row.defaultInWords ?? 'required';
}

export const rangeText = ({ range, unit }: Row): string => (unit ? `${range} ${unit}` : range);

/** 0.03 unchanged, and a third as `1/3`. */
function fraction(value: number): string {
  const short = String(value);
  return short.length > 6 ? `1/${Math.round(1 / value)}` : short;
}
