import { byId, h } from './dom.js';
import { words } from './values.js';

const box = byId('metrics', HTMLElement);

let shown = '';

/**
 * Shows the figures in their order, with a group for each nested object.
 * @param {Record<string, unknown> | null} metrics
 */
export function showMetrics(metrics) {
  const key = JSON.stringify(metrics);
  if (key === shown) return;
  shown = key;
  box.replaceChildren(
    ...(metrics ? groups(metrics) : [h('p', { class: 'note' }, 'No figures yet.')]),
  );
}

/** @param {Record<string, unknown>} metrics */
function groups(metrics) {
  /** @type {[string, unknown][]} */
  const single = [];
  /** @type {[string, [string, unknown][]][]} */
  const nested = [];
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value === 'object' && value !== null) nested.push([name, flat(value)]);
    else single.push([name, value]);
  }
  /** @type {[string, [string, unknown][]][]} */
  const all = single.length > 0 ? [...nested, ['other', single]] : nested;
  return all
    .filter(([, rows]) => rows.length > 0)
    .map(([name, rows]) =>
      h(
        'div',
        { class: 'group' },
        h('h3', {}, words(name)),
        h(
          'dl',
          {},
          ...rows.map(([label, value]) =>
            h(
              'div',
              { class: isNothing(value) ? 'nothing' : '' },
              h('dt', {}, label),
              h('dd', {}, figure(value)),
            ),
          ),
        ),
      ),
    );
}

/**
 * @param {object} values
 * @param {string} prefix
 * @returns {[string, unknown][]}
 */
function flat(values, prefix = '') {
  return Object.entries(values).flatMap(([name, value]) => {
    const label = `${prefix}${words(name)}`;
    return typeof value === 'object' && value !== null
      ? flat(value, `${label} `)
      : [[label, value]];
  });
}

/** @param {unknown} value */
const isNothing = (value) => value === null || value === 0;

/** @param {unknown} value */
function figure(value) {
  if (value === null) return '–';
  if (typeof value !== 'number') return String(value);
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });
}
