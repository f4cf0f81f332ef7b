/**
 * The statecharts of Sightline with their input and report types: to inspect, visualize or extend.
 */
export { avatarMachine } from './avatar.machine.ts';
export type { AvatarInput, AvatarReport } from './avatar.types.ts';
export { frameSamplingMachine } from './frame-sampling.machine.ts';
export type { FrameSamplingInput, FrameSamplingReport } from './frame-sampling.types.ts';
export { idlePauseMachine } from './idle-pause.machine.ts';
export type { IdlePauseInput, IdlePauseReport } from './idle-pause.types.ts';
export { lookMachine } from './look.machine.ts';
export type { LookInput, LookReport } from './look.types.ts';
export { modelLinkMachine } from './model-link.machine.ts';
export type { ModelLinkInput, ModelLinkReport } from './model-link.types.ts';
export { sessionMachine } from './session.machine.ts';
export type { SessionInput, SessionReport } from './session.types.ts';
export { sourceMachine } from './source.machine.ts';
export type { SourceInput, SourceReport } from './source.types.ts';
export { startupMachine } from './startup.machine.ts';
export type { StartupInput, StartupReport } from './startup.types.ts';
export { streamReplacementMachine } from './stream-replacement.machine.ts';
export type {
  StreamReplacementInput,
  StreamReplacementReport,
} from './stream-replacement.types.ts';
export { trackDiscoveryMachine } from './track-discovery.machine.ts';
export type { TrackDiscoveryInput, TrackDiscoveryReport } from './track-discovery.types.ts';
export { turnCompletionMachine } from './turn-completion.machine.ts';
export type { TurnCompletionInput, TurnCompletionReport } from './turn-completion.types.ts';
export { turnMotionMachine } from './turn-motion.machine.ts';
export type { TurnMotionInput, TurnMotionReport } from './turn-motion.types.ts';
export { watchMachine } from './watch.machine.ts';
export type { WatchInput, WatchReport } from './watch.types.ts';
