/** @import { SessionSummary } from '../view.ts' */
import { byId, setText } from './dom.js';
import { many } from './values.js';

/**
 * Shows how the page is connected: to the inspector, and that to the agent.
 * @param {SessionSummary | undefined} known The session that is looked at.
 * @param {boolean} dead Whether the inspector is gone.
 */
export function showLink(known, dead) {
  const pill = byId('link', HTMLElement);
  const [state, text] = dead ? ['bad', 'Inspector stopped'] : stateOf(known);
  pill.dataset.state = state;
  setText(pill, text);
  document.body.classList.toggle('dead', dead);
  pill.title = dead
    ? 'The inspector does not run any more: npx sightline inspect gives a new address. What is here stays.'
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
  if (!known.connected) return ['wait', 'Agent is gone'];
  const { dropped } = known;
  return ['good', dropped > 0 ? `Connected, ${many(dropped, 'event')} dropped` : 'Connected'];
}
