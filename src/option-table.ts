import { closestMatch } from 'leven';
import * as check from './checks.ts';
import { OptionError } from './errors.ts';

/** One option: its default, its range, and its check. */
export interface OptionRow<T> {
  /** `undefined` if there is none: the option is then required, or optional without a value. */
  readonly default: T | undefined;
  /** The default in words, if the value itself would not explain it. */
  readonly defaultInWords?: string;
  /** The allowed values, in words. */
  readonly range: string;
  /** Unit of the number, such as `ms`. */
  readonly unit?: string;
  /** @throws OptionError */
  readonly check: (option: string, value: unknown) => T;
}

/** An option whose own module checks it, such as the room or a function. */
export interface DescribedRow {
  readonly default?: undefined;
  readonly defaultInWords: string;
  readonly range: string;
  readonly unit?: string;
}

/** Options grouped in an object. The docs show the rows of the group separately. */
export interface NestedRows {
  readonly rows: OptionRows;
}

export type OptionRows = Readonly<Record<string, OptionRow<unknown> | DescribedRow | NestedRows>>;

/** The values of all options whose rows have a check. */
export type Filled<Rows extends OptionRows> = {
  -readonly [Name in keyof Rows as Rows[Name] extends OptionRow<unknown>
    ? Name
    : never]: Rows[Name] extends OptionRow<infer T> ? T : never;
};

type Given<Rows extends OptionRows> = { readonly [Name in keyof Filled<Rows>]?: unknown };

/**
 * Checks the options, and fills in every default.
 *
 * @param path - Path of these options within the user's options, such as `turn`; empty at the top.
 * @throws OptionError that names the option, its value and the remedy.
 */
export function filled<const Rows extends OptionRows>(
  path: string,
  given: Given<Rows> | undefined,
  rows: Rows,
): Filled<Rows> {
  if (given !== undefined) check.object(path || 'options', given);
  const taken: Readonly<Record<string, unknown>> = given ?? {};
  for (const name of Object.keys(taken))
    if (!Object.hasOwn(rows, name)) throw unknownOption(path, name, taken[name], rows);
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows))
    if ('check' in row) values[name] = chosen(path ? `${path}.${name}` : name, taken[name], row);
  return values as Filled<Rows>;
}

/** The error for an unknown name. It suggests the nearest valid name, or lists all names. */
function unknownOption(path: string, name: string, value: unknown, rows: OptionRows): OptionError {
  const full = (inner: string) => (path ? `${path}.${inner}` : inner);
  const misplaced = Object.entries(rows).find(
    ([, row]) => 'rows' in row && Object.hasOwn(row.rows, name),
  );
  const names = Object.keys(rows);
  const maxDistance = Math.max(2, Math.floor(name.length / 3));
  const near = closestMatch(
    name.toLowerCase(),
    names.map((one) => one.toLowerCase()),
    { maxDistance },
  );
  const nearest = names.find((one) => one.toLowerCase() === near);
  const remedy = misplaced
    ? `did you mean ${full(misplaced[0])}.${name}?`
    : nearest
      ? `did you mean ${full(nearest)}?`
      : `use ${names.join(', ')}`;
  return new OptionError(full(name), value, remedy, 'is not an option');
}

/** Returns the default unchecked: it may be a value that users cannot pass, such as no limit. */
function chosen<T>(option: string, given: unknown, row: OptionRow<T>): T {
  const value = given ?? row.default;
  return value !== undefined && value === row.default ? row.default : row.check(option, given);
}

const ranged =
  (checked: typeof check.number) =>
  (by: number | undefined, min: number, max: number, unit: string): OptionRow<number> => ({
    default: by,
    range: rangeOf(min, max),
    unit,
    check: (option, value) => checked(option, value, min, max),
  });

/** An option that is a number. */
export const number = ranged(check.number);

/** An option that is a whole number. */
export const whole = ranged(check.wholeNumber);

/** An option with a fixed set of words. */
export const choice = <const T extends string>(
  by: T | undefined,
  choices: readonly T[],
): OptionRow<T> & { readonly choices: readonly T[] } => ({
  default: by,
  choices,
  range: choices.map((one) => `\`'${one}'\``).join(', '),
  check: (option, value) => check.oneOf(option, value, choices),
});

/** An option that is on or off. */
export const yesOrNo = (by: boolean): OptionRow<boolean> => ({
  default: by,
  range: '`true`, `false`',
  check: check.yesOrNo,
});

/** An option that is a string. */
export const text = (by: string | undefined): OptionRow<string> => ({
  default: by,
  range: 'a string',
  check: check.text,
});

/** Options grouped in an object. */
export const nested = (rows: OptionRows): NestedRows => ({ rows });

/** An option that may be left out, and then has no value. */
export const optional = <T>(row: OptionRow<T>, inWords: string): OptionRow<T | undefined> => ({
  ...row,
  defaultInWords: inWords,
  check: (option, value) => (value === undefined ? undefined : row.check(option, value)),
});

/** An option whose default depends on something; the text describes it for readers. */
export const defaultInWords = <T>(row: OptionRow<T>, inWords: string): OptionRow<T> => ({
  ...row,
  defaultInWords: inWords,
});

/** An option whose own module checks it. */
export const described = (range: string, inWords = ''): DescribedRow => ({
  defaultInWords: inWords,
  range,
});

function rangeOf(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
}
