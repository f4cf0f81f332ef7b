/** The pictures of the machines, as the server has them. */
export class Charts {
  #ids = new Set();
  /** @type {Map<string, Promise<SVGElement | null>>} */
  #pictures = new Map();

  /** @param {string[]} ids Of the machines that have a picture. */
  set(ids) {
    this.#ids = new Set(ids);
    this.#pictures.clear();
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** @param {string} id @returns {Promise<SVGElement | null>} `null` if there is none. */
  picture(id) {
    if (!this.#ids.has(id)) return Promise.resolve(null);
    const known = this.#pictures.get(id);
    if (known) return known;
    const picture = fetch(`charts/${encodeURIComponent(id)}.svg`)
      .then((response) => (response.ok ? response.text() : ''))
      .then((text) => {
        const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
        return documentElement instanceof SVGElement
          ? document.importNode(documentElement, true)
          : null;
      })
      .catch(() => null);
    this.#pictures.set(id, picture);
    return picture;
  }
}

/** Charts do not become smaller than this by themselves: the letters would be unreadable. */
const SMALLEST_FIT = 0.8;

/**
 * Sets the width of a picture in its place.
 * @param {SVGElement} svg @param {number} zoom Factor of the natural size; 0 fits the width.
 */
export function setZoom(svg, zoom) {
  const { width } = /** @type {SVGSVGElement} */ (svg).viewBox.baseVal;
  svg.style.width =
    zoom === 0 ? `max(min(100%, ${width}px), ${width * SMALLEST_FIT}px)` : `${width * zoom}px`;
  svg.style.height = 'auto';
}
