import { OptionError } from './errors.ts';

/** @throws OptionError if the value is not a number in this range. */
export function number(option: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new OptionError(option, value, `use a number from ${min} to ${max}`);
}

/** @throws OptionError if the value is not a whole number in this range. */
export function wholeNumber(option: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new OptionError(option, value, `use a whole number from ${min} to ${max}`);
}

/** @throws OptionError if the value is none of the allowed ones. */
export function oneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new OptionError(option, value, `use one of ${allowed.map((one) => `'${one}'`).join(', ')}`);
}

/** @throws OptionError if the value is neither `true` nor `false`. */
export function yesOrNo(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new OptionError(option, value, 'use true or false');
}

/** @throws OptionError if the value is not a string, or is empty. */
export function text(
  option: string,
  value: unknown,
  remedy = 'use a string that is not empty',
): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new OptionError(option, value, remedy);
}

/** @throws OptionError if the value cannot hold options. */
export function object(
  option: string,
  value: unknown,
  remedy = 'use an object with options',
): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new OptionError(option, value, remedy);
}
