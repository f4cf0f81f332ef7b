/** The message of an error, or the text of anything else that was thrown. Never throws itself. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? textOf(thrown.message) : textOf(thrown);

/** The text of anything that was thrown, with the name of an error. Never throws itself. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    // An object without a prototype, for example, or one whose own `toString` throws.
    return Object.prototype.toString.call(thrown);
  }
}
