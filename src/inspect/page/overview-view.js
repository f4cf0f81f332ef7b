/** @import { Charts } from './charts.js' */
import { setZoom } from './charts.js';

/** The chart of how the machines connect, in which each machine is a state. */
export const OVERVIEW = 'machines';

/** How the machines connect. Those that run are lit. */
export class OverviewView {
  #place;
  /** @type {ReadonlySet<string>} */
  #running = new Set();

  /**
   * @param {HTMLElement} place
   * @param {(machine: string) => void} onMachine The id of a machine that was clicked.
   */
  constructor(place, onMachine = () => {}) {
    this.#place = place;
    place.addEventListener('click', ({ target }) => {
      const box = target instanceof Element && target.closest('[data-state]');
      const id = box && machineIn(box);
      if (id) onMachine(id);
    });
  }

  /** @param {Charts} charts */
  async draw(charts) {
    const picture = await charts.picture(OVERVIEW);
    if (!picture) return;
    const svg = /** @type {SVGElement} */ (picture.cloneNode(true));
    setZoom(svg, 0);
    this.#place.replaceChildren(svg);
    this.light(this.#running);
  }

  /** @param {ReadonlySet<string>} running Ids of the machines that run. */
  light(running) {
    this.#running = running;
    for (const box of this.#place.querySelectorAll('[data-state]'))
      box.classList.toggle('leaf', running.has(machineIn(box)));
  }
}

/** @param {Element} box @returns {string} Empty for the picture's own frame. */
const machineIn = (box) => (box.getAttribute('data-state') ?? '').slice(OVERVIEW.length + 1);
