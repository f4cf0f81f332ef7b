/** @import { SessionSummary } from '../view.ts' */
import { byId, setText } from './dom.js';
import { many } from './values.js';

/**
 * Shows the state of the connections: page to inspector, and inspector to agent.
 * @param {SessionSummary | undefined} known The selected session.
 * @param {boolean} dead Whether the inspector has ended.
 */
export function showLink(known, dead) {
  const pill = byId('link', HTMLElement);
  const [state, text] = dead ? ['bad', 'Inspector stopped'] : stateOf(known);
  pill.dataset.state = state;
  setText(pill, text);
  document.body.classList.toggle('dead', dead);
  pill.title = dead
    ? 'The inspector has ended. Run npx sightline inspect for a new address. The events on this page stay.'
    : known && known.gone > 0
      ? `${many(known.gone, 'older event')} not kept`
      : '';
}

/**
 * @param {SessionSummary | undefined} known
 * @returns {[string, string]} A state for the style sheet, and its text.
 */
function stateOf(known) {
  if (!known) return ['wait', 'Waiting for an agent'];
  if (known.kind === 'recording') return ['replay', `Recording, ${many(known.events, 'event')}`];
  if (!known.connected) return ['wait', 'Agent disconnected'];
  const { dropped } = known;
  return ['good', dropped > 0 ? `Connected, ${many(dropped, 'event')} dropped` : 'Connected'];
}
