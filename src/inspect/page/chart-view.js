/** @import { Charts } from './charts.js' */
/** @import { Actor } from './world.js' */
/** @import { Definition } from './values.js' */
import { setZoom } from './charts.js';
import { byId, h, setText } from './dom.js';
import { activePaths, allIds, leaves, statesOf } from './values.js';
import { machineOf } from './world.js';

const canvas = byId('chart', HTMLElement);
const states = byId('states', HTMLElement);
const STEP = 1.25;

/** The chart of one machine, with the active states highlighted. */
export class ChartView {
  #charts;
  /** The actor's definition that is drawn. */
  #shown = '';
  /** @type {Actor | undefined} */
  #actor;
  /** Factor of the natural size; 0 fits the width if the letters stay readable. */
  #zoom = 0;

  /** @param {Charts} charts */
  constructor(charts) {
    this.#charts = charts;
    // Lets the arrow keys scroll it.
    canvas.tabIndex = 0;
    const zoom = (/** @type {number} */ factor) => {
      const svg = canvas.querySelector('svg');
      if (!svg) return;
      const now = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      this.#zoom = factor === 0 ? 0 : Math.min(3, Math.max(0.2, now * factor));
      this.resize();
    };
    byId('zoom-in', HTMLElement).onclick = () => zoom(STEP);
    byId('zoom-out', HTMLElement).onclick = () => zoom(1 / STEP);
    byId('zoom-fit', HTMLElement).onclick = () => zoom(0);
  }

  /** The charts are new: draws again. */
  redraw() {
    this.#shown = '';
  }

  /** @param {Actor | undefined} actor */
  show(actor) {
    const moved = this.#actor?.id === actor?.id && this.#actor?.seq !== actor?.seq;
    this.#actor = actor;
    const key = actor ? `${actor.definition}` : '';
    if (key !== this.#shown) {
      this.#shown = key;
      canvas.replaceChildren();
      void this.#draw(actor, key);
    }
    this.#light(moved, false);
  }

  /**
   * @param {Actor | undefined} actor
   * @param {string} key
   */
  async #draw(actor, key) {
    const machine = actor && machineOf(actor);
    if (!actor || !machine) {
      const text = actor
        ? 'This actor has no states: it performs effects and reports to its parent.'
        : 'Choose an actor.';
      canvas.replaceChildren(h('p', { class: 'note' }, text));
      return;
    }
    const id = machine.id ?? '(machine)';
    const picture = await this.#charts.picture(id);
    // Another actor was chosen meanwhile.
    if (this.#shown !== key) return;
    const drawn = picture && shows(picture, allIds(machine, id)) ? picture : list(machine, id);
    canvas.replaceChildren(drawn);
    canvas.scrollTo(0, 0);
    this.resize();
    this.#light(false, true);
  }

  /** The place or the zoom has changed: the active state stays in view. */
  resize() {
    const svg = canvas.querySelector('svg');
    if (!svg) return;
    setZoom(svg, this.#zoom);
    const active = canvas.querySelector('.leaf');
    if (active) reveal(active);
  }

  /**
   * @param {boolean} moved Whether the actor changed since the last highlighting.
   * @param {boolean} drawn Whether the chart was just drawn.
   */
  #light(moved, drawn) {
    const actor = this.#actor;
    const machine = actor && machineOf(actor);
    const value = actor?.state.value;
    const innermost = leaves(value);
    chips(innermost);
    if (!actor || !machine) return;
    const id = machine.id ?? '(machine)';
    const on = new Set([id, ...activePaths(value).map((path) => `${id}.${path}`)]);
    const lit = new Set(innermost.map((path) => `${id}.${path}`));
    const entered = new Set(actor.entered.map((path) => `${id}.${path}`));
    /** @type {Element | undefined} */
    let target;
    /** @type {Element | undefined} */
    let active;
    for (const box of canvas.querySelectorAll('[data-state]')) {
      const state = box.getAttribute('data-state') ?? '';
      box.classList.toggle('on', on.has(state));
      box.classList.toggle('leaf', lit.has(state));
      if (lit.has(state)) active ??= box;
      if (moved) box.classList.remove('entered');
      if (!entered.has(state)) continue;
      target ??= box;
      // The next frame restarts the animation if a state was exited and entered at once.
      if (moved) requestAnimationFrame(() => box.classList.add('entered'));
    }
    // Does not scroll while the pointer is over the chart, because the user may be reading it.
    const wanted = target ?? active;
    if (wanted && (drawn || (moved && !canvas.matches(':hover')))) reveal(wanted);
  }
}

/** @param {string[]} innermost */
function chips(innermost) {
  const text = innermost.join('\n');
  if (states.dataset.states === text) return;
  states.dataset.states = text;
  states.replaceChildren(...innermost.map((path) => h('span', { class: 'state' }, path)));
}

/**
 * Whether the picture has exactly these states. Another app may have a machine of the same name.
 * @param {SVGElement} picture
 * @param {string[]} ids
 */
function shows(picture, ids) {
  const drawn = new Set(
    [...picture.querySelectorAll('[data-state]')].map((box) => box.getAttribute('data-state')),
  );
  return ids.length === drawn.size && ids.every((id) => drawn.has(id));
}

/** @param {Element} box */
function reveal(box) {
  const around = canvas.getBoundingClientRect();
  const { top, bottom, left, right } = box.getBoundingClientRect();
  if (top < around.top || bottom > around.bottom)
    canvas.scrollBy({ top: (top + bottom) / 2 - (around.top + around.bottom) / 2 });
  if (left < around.left || right > around.right)
    canvas.scrollBy({ left: (left + right) / 2 - (around.left + around.right) / 2 });
}

/**
 * A machine without a picture, as nested lists.
 * @param {Definition} machine
 * @param {string} id
 */
function list(machine, id) {
  const item = (
    /** @type {string} */ key,
    /** @type {Definition} */ state,
    /** @type {string} */ path,
  ) => {
    const inner = statesOf(state);
    const kind = state.type === 'parallel' || state.type === 'final' ? state.type : '';
    /** @type {HTMLElement} */
    const box = h(
      'div',
      { class: `box ${kind}`, 'data-state': path },
      h('span', { class: 'key' }, key, kind && h('small', {}, kind)),
      typeof state.description === 'string' && h('span', { class: 'soft' }, state.description),
      inner.length > 0 &&
        h(
          'div',
          { class: 'inside' },
          ...inner.map(([name, child]) => item(name, child, `${path}.${name}`)),
        ),
    );
    return box;
  };
  return h('div', { class: 'list' }, item(id, machine, id));
}

/** @param {HTMLElement} about @param {Actor | undefined} actor */
export function describe(about, actor) {
  const machine = actor && machineOf(actor);
  setText(about, machine ? `${machine.description ?? ''}` : actor ? 'no machine' : '');
}
