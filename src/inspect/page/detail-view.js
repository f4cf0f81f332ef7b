/** @import { Actor } from './world.js' */
/** @import { Entry } from './history.js' */
/** @import { WirePicture } from '../wire.ts' */
import { byId, h } from './dom.js';
import { brief } from './values.js';

const detail = byId('detail', HTMLElement);
const pictures = byId('pictures', HTMLElement);
const MAX_JSON = 20_000;

/** The context of the selected actor, and the current event. */
export class DetailView {
  #shown = '';
  /** Open values stay open while the actor changes. */
  #open = new Set();

  /**
   * @param {Actor | undefined} actor
   * @param {Entry | undefined} entry
   */
  show(actor, entry) {
    const key = `${actor?.id} ${actor?.seq} ${actor?.status} ${entry?.row.seq}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const cards = [];
    const wire = entry?.wire;
    if (entry && wire && 'event' in wire)
      cards.push(this.#card(wire.event.type || 'event', `to ${entry.row.actor}`, wire.event));
    const { context, output, error } = actor?.state ?? {};
    if (isFilled(context)) cards.push(this.#card('Context', actor?.name ?? '', context));
    if (output !== undefined) cards.push(this.#card('Output', '', { output }));
    if (error !== undefined) cards.push(this.#card('Error', '', { error }));
    detail.replaceChildren(...cards);
  }

  /**
   * @param {string} title
   * @param {string} about
   * @param {object} values
   */
  #card(title, about, values) {
    const rows = Object.entries(values).map(([name, value]) => this.#row(title, name, value));
    return h(
      'section',
      { class: 'panel card' },
      h('h2', {}, title, ' ', h('small', {}, about)),
      h('div', { class: 'values' }, ...rows),
    );
  }

  /**
   * @param {string} title
   * @param {string} name
   * @param {unknown} value
   */
  #row(title, name, value) {
    if (!isFilled(value))
      return h(
        'div',
        { class: 'row' },
        h('span', { class: 'key' }, name),
        h('code', { class: kindOf(value) }, brief(value, 400)),
      );
    const id = `${title} ${name}`;
    const json = JSON.stringify(value, null, 2);
    const row = h(
      'details',
      { class: 'row', open: this.#open.has(id) },
      h('summary', {}, h('span', { class: 'key' }, name), h('code', {}, brief(value, 90))),
      h('pre', {}, json.length > MAX_JSON ? `${json.slice(0, MAX_JSON)}…` : json),
    );
    row.addEventListener('toggle', () => (row.open ? this.#open.add(id) : this.#open.delete(id)));
    return row;
  }
}

/** @param {unknown} value @returns {value is object} */
const isFilled = (value) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** @param {unknown} value */
const kindOf = (value) => (value === null ? 'null' : typeof value);

/**
 * The pictures that the model got. Empty unless both the agent and the inspector enable them.
 * @param {WirePicture[]} shown
 */
export function showPictures(shown) {
  pictures.hidden = shown.length === 0;
  pictures.replaceChildren(
    ...shown.map(({ mimeType, data, width, height, label }) => {
      const caption = `${label} ${width} × ${height}`;
      return h(
        'figure',
        {},
        h('img', { src: `data:${mimeType};base64,${data}`, alt: `What the model saw: ${caption}` }),
        h('figcaption', {}, caption),
      );
    }),
  );
}
