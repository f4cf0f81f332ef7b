/**
 * For the user's page: finds the agent and its avatar in a LiveKit room, reads and switches the
 * agent's video, and shows what the agent points at. It needs neither Node nor a bundler, because it
 * imports no package at run time.
 */
export { setVideoMode, videoMode } from './control.ts';
export type { VideoMode } from './control-protocol.ts';
export { findAgent, findAvatarWorker, type ParticipantLike } from './find.ts';
export type { PointMessage } from './point-protocol.ts';
export { PointerOverlay } from './pointer-overlay.ts';
