/// <reference lib="dom" />
import { type Box, overlap } from './picture-geometry.ts';

/** Diameter of the ring around a point, in CSS pixels. */
const RING = 36;
/** Width of the outline, in CSS pixels. It is outside of the box. */
const LINE = 3;
/** Between the outline and the label, in CSS pixels. */
const GAP = 6;

const COLOR = 'var(--sightline-pointer-color, #e6007e)';
const HIDDEN = {
  ...{ position: 'fixed', width: '1px', height: '1px', margin: '-1px', padding: '0' },
  ...{ overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' },
};

/**
 * The elements of a mark: an outline and its label above the page, and a text for screen readers.
 * They let clicks through. Their text is only ever text content.
 */
export class PointerMark {
  readonly #layer = element('sightline-pointer', {
    ...{ position: 'fixed', inset: '0', width: '100%', height: '100%', margin: '0', padding: '0' },
    ...{ border: 'none', background: 'none', overflow: 'hidden', pointerEvents: 'none' },
    ...{ maxWidth: 'none', maxHeight: 'none', zIndex: '2147483647' },
  });
  readonly #outline = element('sightline-pointer-outline', {
    ...{ position: 'absolute', boxSizing: 'content-box', border: `${LINE}px solid ${COLOR}` },
  });
  readonly #label = element('sightline-pointer-label', {
    ...{ position: 'absolute', left: '0', top: '0', maxWidth: '40ch', padding: '3px 8px' },
    ...{ borderRadius: '6px', background: COLOR, color: '#fff', overflowWrap: 'anywhere' },
    ...{ font: '600 14px/1.35 system-ui, sans-serif' },
  });
  readonly #spoken = element('sightline-pointer-status', HIDDEN);

  constructor() {
    // Both are children of the root: a transform or a zoom of the body would move them.
    this.#layer.setAttribute('aria-hidden', 'true');
    // Above dialogs and videos in full screen, if the browser can do that.
    if ('popover' in this.#layer) this.#layer.popover = 'manual';
    this.#layer.append(this.#outline, this.#label);
    // A live region is read only if it is in the page before its text changes.
    this.#spoken.setAttribute('role', 'status');
    this.#spoken.setAttribute('aria-live', 'polite');
    document.documentElement.append(this.#spoken);
  }

  /** Announces the label to screen readers. */
  announce(label: string): void {
    this.#spoken.textContent = label;
  }

  /**
   * Draws the mark.
   * @param place - In the window, in CSS pixels; without a size it is a point.
   * @param visible - The part of the window that shows the video. A place outside is not drawn.
   */
  draw(place: Box, visible: Box, label: string): void {
    const isPoint = place.width === 0 && place.height === 0;
    const centre = { x: place.x + place.width / 2, y: place.y + place.height / 2 };
    const { x, y, width, height } = visible;
    if (centre.x < x || centre.x > x + width || centre.y < y || centre.y > y + height) {
      this.hide();
      return;
    }
    const shown = isPoint
      ? { x: centre.x - RING / 2, y: centre.y - RING / 2, width: RING, height: RING }
      : overlap(place, visible);
    if (!this.#layer.isConnected) {
      document.documentElement.append(this.#layer);
      this.#layer.showPopover?.();
    }
    const { style } = this.#outline;
    style.left = `${shown.x - LINE}px`;
    style.top = `${shown.y - LINE}px`;
    style.width = `${shown.width}px`;
    style.height = `${shown.height}px`;
    style.borderRadius = isPoint ? '50%' : '2px';
    if (this.#label.textContent !== label) this.#label.textContent = label;
    const size = this.#label.getBoundingClientRect();
    const above = shown.y - LINE - GAP - size.height;
    const below = shown.y + shown.height + LINE + GAP;
    const top = above >= 0 ? above : Math.min(below, innerHeight - size.height);
    const left = Math.max(0, Math.min(shown.x - LINE, innerWidth - size.width));
    this.#label.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** Removes the mark from the window. */
  hide(): void {
    this.#layer.remove();
  }

  close(): void {
    this.hide();
    this.#spoken.remove();
  }
}

/** Set one by one, because a page's Content-Security-Policy may forbid style attributes. */
function element(className: string, style: Partial<CSSStyleDeclaration>): HTMLDivElement {
  const made = document.createElement('div');
  made.className = className;
  Object.assign(made.style, style);
  return made;
}
