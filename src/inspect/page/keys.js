/**
 * What keys do, wherever the focus is.
 * @typedef {object} KeyActions
 * @property {(by: number) => void} step
 * @property {() => void} toFirst
 * @property {() => void} toggle
 * @property {() => void} follow
 * @property {() => void} filter
 */

/**
 * Listens for the keys of the whole page, except while a text is typed.
 * @param {KeyActions} actions
 * @param {() => boolean} isReady Whether there is anything that they could act on.
 */
export function listenForKeys(actions, isReady) {
  document.addEventListener('keydown', (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || !isReady()) return;
    if (target instanceof HTMLInputElement) return;
    // A button and the chart have a use of their own for the space.
    const pressed =
      target instanceof HTMLButtonElement ||
      (target instanceof HTMLElement && target.tagName === 'SUMMARY');
    /** @type {(() => void) | undefined} */
    const action = {
      ArrowLeft: () => actions.step(-1),
      ArrowRight: () => actions.step(1),
      Home: actions.toFirst,
      ' ': pressed ? undefined : actions.toggle,
      l: actions.follow,
      L: actions.follow,
      '/': actions.filter,
    }[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
