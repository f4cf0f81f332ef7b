/**
 * The name under which the demo's worker is dispatched, so that it gets the rooms of this demo
 * only.
 */
export const AGENT_NAME = 'sightline-web-demo';

/** Set for the worker's jobs: which senses of the offline model work, as of `installSenses`. */
export const SENSES_VARIABLE = 'SIGHTLINE_DEMO_SENSES';

/** Set for the worker's jobs: whether the agent has an avatar. */
export const AVATAR_VARIABLE = 'SIGHTLINE_DEMO_AVATAR';
