/** Longest name that is shown, in characters: more would not fit below a face. */
const MAX_NAME = 60;

/** Controls and what is no character: XML has none of them, and a renderer refuses the picture. */
const UNDRAWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu;

/** A name as it is shown, in the room and below the face: on one line, and of limited length. */
export function shownName(name: string): string {
  // Code points, of which none is longer than two units: the rest is not looked at.
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
