import { OptionError } from '../errors.ts';

/** @throws OptionError if it is neither a name of CSS nor `#rgb` or `#rrggbb`. */
export function checkedColour(option: string, value: string): string {
  if (typeof value === 'string' && /^(#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20})$/i.test(value))
    return value;
  throw new OptionError(option, value, "use a name of CSS, such as 'black', or '#rrggbb'");
}
