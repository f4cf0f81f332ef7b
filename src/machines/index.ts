/** The statecharts of Sightline: pure definitions, to inspect, to visualize, to provide. */
export * from './avatar-startup.machine.ts';
export type * from './avatar-startup.types.ts';
export * from './frame-sampling.machine.ts';
export type * from './frame-sampling.types.ts';
export * from './idle-pause.machine.ts';
export type * from './idle-pause.types.ts';
export * from './model-link.machine.ts';
export type * from './model-link.types.ts';
export * from './session.machine.ts';
export type * from './session.types.ts';
export * from './sight.machine.ts';
export type * from './sight.types.ts';
export * from './stream-replacement.machine.ts';
export type * from './stream-replacement.types.ts';
export * from './track-discovery.machine.ts';
export type * from './track-discovery.types.ts';
export * from './turn-completion.machine.ts';
export type * from './turn-completion.types.ts';
