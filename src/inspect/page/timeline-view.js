/** @import { History } from './history.js' */
import { byId, setText } from './dom.js';
import { clock } from './values.js';

const bar = byId('timeline', HTMLElement);
const canvas = byId('density', HTMLCanvasElement);
const slider = byId('position', HTMLInputElement);
const when = byId('when', HTMLElement);
const live = byId('live', HTMLElement);
const play = byId('play', HTMLElement);
/** Width of a bar with its gap, in CSS pixels. */
const BAR = 4;

/**
 * Actions of the time line.
 * @typedef {object} TimelineActions
 * @property {(seq: number) => void} go
 * @property {(by: number) => void} step
 * @property {() => void} toggle
 * @property {() => void} follow
 */

/** A slider over all stored events, with bars for the activity. */
export class TimelineView {
  #drawn = '';

  /** @param {TimelineActions} actions */
  constructor(actions) {
    slider.addEventListener('input', () => actions.go(Number(slider.value)));
    byId('first', HTMLElement).onclick = () => actions.go(0);
    byId('back', HTMLElement).onclick = () => actions.step(-1);
    byId('forward', HTMLElement).onclick = () => actions.step(1);
    play.onclick = () => actions.toggle();
    live.onclick = () => actions.follow();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => {
      this.#drawn = '';
    });
  }

  /**
   * @param {History} history
   * @param {{ lastSeq: number, position: number, live: boolean, playing: boolean, recording: boolean }} at
   */
  show(history, { lastSeq, position, live: follows, playing, recording }) {
    bar.hidden = false;
    slider.min = String(Math.min(history.firstSeq, lastSeq));
    slider.max = String(lastSeq);
    slider.value = String(position);
    const from = history.span.from;
    const at = history.entry(position)?.row.at ?? from;
    const end = history.entry(lastSeq)?.row.at ?? from;
    setText(when, `${clock(at - from)} / ${clock(end - from)}`);
    slider.setAttribute('aria-valuetext', `event ${position} of ${lastSeq}, ${clock(at - from)}`);
    setText(play, playing || (follows && !recording) ? 'Pause' : 'Play');
    live.setAttribute('aria-pressed', String(follows));
    const behind = history.lastSeq - lastSeq;
    const name = recording ? 'End' : 'Live';
    setText(live.querySelector('span') ?? live, behind > 0 ? `${name} +${behind}` : name);
    this.#draw(history, lastSeq, position);
  }

  /**
   * @param {History} history
   * @param {number} lastSeq
   * @param {number} position
   */
  #draw(history, lastSeq, position) {
    const { clientWidth: width, clientHeight: height } = canvas;
    const key = [history.firstSeq, lastSeq, position, width, height].join();
    const context = canvas.getContext('2d');
    if (key === this.#drawn || !context || width === 0) return;
    this.#drawn = key;
    const scale = devicePixelRatio;
    canvas.width = width * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const bins = Math.max(1, Math.floor(width / BAR));
    const total = lastSeq - history.firstSeq + 1;
    const share = total > 0 ? (position - history.firstSeq + 1) / total : 0;
    for (let bin = 0; bin < bins && total > 0; bin++) {
      const begin = history.firstSeq + Math.floor((bin * total) / bins);
      const end = Math.max(begin + 1, history.firstSeq + Math.floor(((bin + 1) * total) / bins));
      const changes = shareOf(history, begin, end);
      const past = (bin + 0.5) / bins <= share;
      context.fillStyle = style.getPropertyValue(past ? '--accent' : '--mute');
      const size = 3 + changes * (height - 3);
      context.fillRect(bin * BAR, height - size, BAR - 1.5, size);
    }
  }
}

/**
 * How many of these events changed a state, estimated from a sample for long spans.
 * @param {History} history
 * @param {number} begin
 * @param {number} end
 */
function shareOf(history, begin, end) {
  const stride = Math.max(1, Math.floor((end - begin) / 16));
  let changes = 0;
  let looked = 0;
  for (let seq = begin; seq < end; seq += stride) {
    looked++;
    if (history.entry(seq)?.row.kind === 'change') changes++;
  }
  return looked === 0 ? 0 : changes / looked;
}
