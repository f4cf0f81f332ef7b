/**
 * Actions of the keys that work anywhere on the page.
 * @typedef {object} KeyActions
 * @property {(by: number) => void} step
 * @property {() => void} toFirst
 * @property {() => void} toggle
 * @property {() => void} follow
 * @property {() => void} filter
 */

/**
 * Listens for the keys of the whole page, except while the user types a text.
 * @param {KeyActions} actions
 * @param {() => boolean} isReady Whether a session is shown.
 */
export function listenForKeys(actions, isReady) {
  document.addEventListener('keydown', (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || !isReady()) return;
    if (target instanceof HTMLInputElement) return;
    // The space key also activates a button, and opens a value.
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
