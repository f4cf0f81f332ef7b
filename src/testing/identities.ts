/** Identities of the participants in tests. */
export const USER = 'user';
export const AGENT = 'agent';
/** The avatar's own participant. */
export const FACE = 'face';
