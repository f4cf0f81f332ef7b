/** @import { Actor, World } from './world.js' */
import { byId, h, setText } from './dom.js';
import { brief, leaves } from './values.js';
import { labelOf, machineOf, tree } from './world.js';

const list = byId('actors', HTMLElement);
const count = byId('actor-count', HTMLElement);

/** The tree of actors. Arrow keys move the focus, and the focused actor is shown. */
export class ActorsView {
  #onSelect;
  /** @type {Map<string, { item: HTMLElement, text: string }>} */
  #items = new Map();

  /** @param {(id: string) => void} onSelect */
  constructor(onSelect) {
    this.#onSelect = onSelect;
    list.addEventListener('click', ({ target }) => {
      const id =
        target instanceof Element
          ? target.closest('[data-actor]')?.getAttribute('data-actor')
          : undefined;
      if (id) onSelect(id);
    });
    list.addEventListener('keydown', (event) => this.#move(event));
  }

  /**
   * @param {World} world
   * @param {string | null} selected
   */
  show(world, selected) {
    const rows = tree(world);
    const alive = rows.filter(({ actor }) => actor.status === 'active').length;
    setText(count, `${alive} of ${rows.length} live`);
    const focused = list.contains(document.activeElement);
    /** @type {Map<string, { item: HTMLElement, text: string }>} */
    const items = new Map();
    const shown = rows.map(({ actor, level }) => {
      const text = [level, actor.name, actor.status, actor.seq, actor.id === selected].join();
      const known = this.#items.get(actor.id);
      const item =
        known?.text === text
          ? known.item
          : row(actor, labelOf(actor, world), level, actor.id === selected);
      items.set(actor.id, { item, text });
      return item;
    });
    this.#items = items;
    const same =
      shown.length === list.children.length &&
      shown.every((item, index) => list.children[index] === item);
    if (same) return;
    list.replaceChildren(...shown);
    if (focused && selected !== null) items.get(selected)?.item.focus();
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const ids = [...this.#items.keys()];
    const { target } = event;
    const at = ids.indexOf((target instanceof HTMLElement && target.dataset.actor) || '');
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const id = ids[next];
    if (id === undefined) return;
    this.#onSelect(id);
    this.#items.get(id)?.item.focus();
  }
}

/**
 * @param {Actor} actor
 * @param {string} label
 * @param {number} level
 * @param {boolean} selected
 */
function row(actor, label, level, selected) {
  const machine = machineOf(actor) !== null;
  const states = leaves(actor.state.value);
  const item = h(
    'div',
    {
      role: 'treeitem',
      'aria-level': String(level),
      'aria-selected': String(selected),
      tabindex: selected ? '0' : '-1',
      'data-actor': actor.id,
      'data-name': actor.name,
      class: `item ${actor.status} ${machine ? 'machine' : 'effect'}`,
      title: actor.status,
    },
    h('i', { class: 'dot' }),
    h('span', { class: 'name' }, label),
    h(
      'span',
      { class: 'value' },
      machine && actor.status === 'active'
        ? brief(states.map(last).join(', '), 60)
        : actor.status === 'active'
          ? ''
          : actor.status,
    ),
  );
  item.style.setProperty('--level', String(level - 1));
  return item;
}

/** @param {string} path */
const last = (path) => path.slice(path.lastIndexOf('.') + 1);
