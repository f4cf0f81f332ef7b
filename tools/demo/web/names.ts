/** The name under which the demo's worker waits for rooms: it takes those of its own pages only. */
export const AGENT_NAME = 'sightline-web-demo';

/** Set for the worker's jobs: whether the agent has a face. */
export const AVATAR_VARIABLE = 'SIGHTLINE_DEMO_AVATAR';
