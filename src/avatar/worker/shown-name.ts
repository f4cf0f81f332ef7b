/** Longest name that is shown, in characters: more would not fit below the face. */
const MAX_NAME = 60;

/** Control characters and non-characters, which XML does not allow. */
const UNDRAWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu;

/** A name as it is shown in the room and below the face: on one line, and limited. */
export function shownName(name: string): string {
  // A code point has at most two units, so the rest need not be read.
  const characters = [
    ...name
      .slice(0, 4 * MAX_NAME)
      .replace(UNDRAWABLE, ' ')
      .trim(),
  ];
  return characters.length > MAX_NAME
    ? `${characters.slice(0, MAX_NAME - 1).join('')}…`
    : characters.join('');
}
