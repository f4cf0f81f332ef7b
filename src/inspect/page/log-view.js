/** @import { History, Row } from './history.js' */
import { byId, h, setText } from './dom.js';
import { clock } from './values.js';

const list = byId('log', HTMLElement);
const input = byId('filter', HTMLInputElement);
const kinds = byId('kinds', HTMLElement);
const count = byId('log-count', HTMLElement);

/** Most lines on the page: the newest ones, or those around the position. */
const SHOWN = 400;

/**
 * The kinds of rows that each button shows.
 * @type {Record<string, Row['kind'][]>}
 */
const CHOICES = {
  All: ['event', 'change', 'actor'],
  Events: ['event'],
  States: ['change'],
  Actors: ['actor'],
};

/** The event log. A click on a line goes to its moment. */
export class LogView {
  choice = 'All';
  #onChange;
  /** @type {Map<number, HTMLElement>} */
  #lines = new Map();
  #shown = '';

  /**
   * @param {(seq: number, actorId: string) => void} onPick
   * @param {() => void} onChange
   */
  constructor(onPick, onChange) {
    this.#onChange = onChange;
    const pick = (/** @type {HTMLElement} */ line) =>
      onPick(Number(line.dataset.seq), line.dataset.actor ?? '');
    input.addEventListener('input', onChange);
    input.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Escape') return;
      input.value = '';
      input.blur();
      onChange();
    });
    kinds.replaceChildren(
      ...Object.keys(CHOICES).map((name) => {
        const button = h('button', { type: 'button', 'data-kind': name }, name);
        button.onclick = () => this.choose(name);
        return button;
      }),
    );
    list.addEventListener('click', ({ target }) => {
      const line = target instanceof Element ? target.closest('.line') : null;
      if (line instanceof HTMLElement) pick(line);
    });
    list.addEventListener('keydown', (event) => {
      const now = list.querySelector('[aria-selected="true"]');
      const next = { ArrowUp: now?.previousElementSibling, ArrowDown: now?.nextElementSibling }[
        event.key
      ];
      if (!(next instanceof HTMLElement)) return;
      event.preventDefault();
      event.stopPropagation();
      pick(next);
    });
  }

  get filter() {
    return input.value;
  }

  /** @param {string} text */
  set filter(text) {
    input.value = text;
  }

  focus() {
    input.focus();
    input.select();
  }

  /** @param {string} name */
  choose(name) {
    this.choice = name in CHOICES ? name : 'All';
    for (const button of kinds.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.kind === this.choice));
    this.#onChange();
  }

  /** Removes all lines, because another session uses the same numbers. */
  clear() {
    this.#lines.clear();
    this.#shown = '';
    list.replaceChildren();
  }

  /**
   * @param {History} history
   * @param {number} lastSeq The last event that is shown.
   * @param {number} position
   * @param {boolean} live
   */
  show(history, lastSeq, position, live) {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(CHOICES[this.choice]);
    const key = [history.firstSeq, lastSeq, position, live, this.choice, ...words].join();
    if (key === this.#shown) return;
    this.#shown = key;
    const rows = [];
    const around = live ? lastSeq : Math.min(lastSeq, this.#end(history, position, lastSeq));
    for (let seq = around; seq >= history.firstSeq && rows.length < SHOWN; seq--) {
      const row = history.entry(seq)?.row;
      if (row && wanted.has(row.kind) && words.every((word) => row.search.includes(word)))
        rows.push(row);
    }
    rows.reverse();
    this.#fill(rows, history.span.from, position);
    const all = wanted.size === 3 && words.length === 0;
    setText(
      count,
      all
        ? history.entries.length.toLocaleString('en')
        : `${rows.length}${rows.length === SHOWN ? '+' : ''} shown`,
    );
  }

  /**
   * Number of the last line: some events after the position are shown as well.
   * @param {History} history
   * @param {number} position
   * @param {number} lastSeq
   */
  #end(history, position, lastSeq) {
    return Math.min(lastSeq, Math.max(position + SHOWN / 2, history.firstSeq + SHOWN));
  }

  /**
   * @param {Row[]} rows
   * @param {number} from
   * @param {number} position
   */
  #fill(rows, from, position) {
    /** @type {Map<number, HTMLElement>} */
    const lines = new Map();
    /** @type {HTMLElement | undefined} */
    let current;
    for (const row of rows) {
      const item = this.#lines.get(row.seq) ?? line(row, from);
      item.classList.toggle('later', row.seq > position);
      item.setAttribute('aria-selected', 'false');
      if (row.seq <= position) current = item;
      lines.set(row.seq, item);
    }
    // A line that stays is not moved: it would lose a click that has begun.
    for (const [seq, item] of this.#lines) if (!lines.has(seq)) item.remove();
    this.#lines = lines;
    for (const [place, item] of [...lines.values()].entries())
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    if (!current) return;
    current.setAttribute('aria-selected', 'true');
    const { offsetTop, offsetHeight } = current;
    const { scrollTop, clientHeight } = list;
    const seen = offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight;
    if (!seen) list.scrollTop = offsetTop + offsetHeight - clientHeight + 4;
  }
}

/** @param {Row} row @param {number} from */
function line({ seq, at, kind, actorId, actor, source, text }, from) {
  const way = source && source !== actor ? `${source} → ${actor}` : actor;
  return h(
    'div',
    {
      role: 'option',
      class: `line ${kind}`,
      'data-seq': String(seq),
      'data-actor': actorId,
      title: `${way}: ${text}`,
    },
    h('time', {}, clock(at - from)),
    h('span', { class: 'text' }, text),
    h('span', { class: 'who' }, way),
  );
}
