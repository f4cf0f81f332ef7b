/** @import { SessionSummary } from '../view.ts' */
import { byId, h } from './dom.js';

/** The tabs of the sessions. */
export class SessionsView {
  #bar = byId('sessions', HTMLElement);
  #shown = '';
  /** @type {readonly SessionSummary[]} */
  #sessions = [];
  /** @type {string | null} */
  #chosen = null;
  #onChoose;

  /** @param {(session: string) => void} onChoose */
  constructor(onChoose) {
    this.#onChoose = onChoose;
    this.#bar.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /**
   * @param {readonly SessionSummary[]} sessions
   * @param {string | null} chosen
   */
  show(sessions, chosen) {
    this.#sessions = sessions;
    this.#chosen = chosen;
    const key = JSON.stringify([
      chosen,
      ...sessions.map(({ id, name, connected }) => [id, name, connected]),
    ]);
    if (key === this.#shown) return;
    this.#shown = key;
    const focused = this.#bar.contains(document.activeElement);
    this.#bar.replaceChildren(...sessions.map((session) => this.#tab(session)));
    if (focused)
      /** @type {HTMLElement | null} */ (
        this.#bar.querySelector('button[aria-selected="true"]')
      )?.focus();
  }

  /** @param {SessionSummary} session */
  #tab({ id, name, kind, connected, startedAt }) {
    const chosen = id === this.#chosen;
    const tab = h(
      'button',
      {
        type: 'button',
        role: 'tab',
        'aria-selected': String(chosen),
        'data-session': id,
        tabindex: chosen ? '0' : '-1',
        class: kind === 'recording' ? 'replay' : connected ? 'good' : 'gone',
      },
      h('i', { class: 'dot' }),
      name,
      h('small', {}, new Date(startedAt).toLocaleTimeString('en', { hour12: false })),
    );
    tab.onclick = () => this.#onChoose(id);
    return tab;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.stopPropagation();
    event.preventDefault();
    const at = this.#sessions.findIndex(({ id }) => id === this.#chosen);
    const next = this.#sessions[at + by];
    if (!next) return;
    // A second press may come before the next one is shown.
    this.#chosen = next.id;
    this.#onChoose(next.id);
  }
}
