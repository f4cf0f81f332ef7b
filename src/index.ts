export type { VideoParticipant, VideoPublication, VideoRoom } from './actors/video-room.ts';
export type { AvatarOption, AvatarSessionLike } from './avatar/avatar-session.ts';
export type {
  AudioReceiver,
  AudioReceiverEvents,
  ClearBufferEvent,
  SpeechItem,
} from './avatar/worker/audio-receiver.ts';
export type { AvatarExit } from './avatar/worker/avatar-process.ts';
export type { PlaybackFinished } from './avatar/worker/avatar-protocol.ts';
export { AvatarRunner } from './avatar/worker/avatar-runner.ts';
export {
  DataStreamAudioReceiver,
  type DataStreamAudioReceiverOptions,
} from './avatar/worker/data-stream-audio-receiver.ts';
export { LocalAvatar, type LocalAvatarEvents } from './avatar/worker/local-avatar.ts';
export type { LocalAvatarOptions } from './avatar/worker/local-avatar-options.ts';
export type { AvatarFormat, AvatarRunnerOptions } from './avatar/worker/runner-options.ts';
export type { VideoGenerator } from './avatar/worker/video-generator.ts';
export {
  AvatarError,
  type AvatarFault,
  DuplicateFrameworkError,
  EncodeError,
  type FrameworkCopy,
  LookError,
  OptionError,
  SessionStateError,
  SightlineError,
  StartTimeoutError,
  UnsupportedModelError,
} from './errors.ts';
export type { FrameRef } from './frame.ts';
export {
  type EncodedImage,
  type EncodeOptions,
  encodeFrame,
  type RotatedFrame,
} from './frames/encode.ts';
export type { ImageFormat, Rotation } from './frames/encode-options.ts';
export type { FrameCounts } from './frames/frame-ledger.ts';
export type { LumaFeed } from './frames/gate.ts';
export {
  type ResizeBox,
  type ResizedGeometry,
  resizedGeometry,
  type Size,
} from './frames/geometry.ts';
export { type ImageContentOptions, toDataUrl, toImageContent } from './frames/image-content.ts';
export type { LumaPicture } from './frames/luma.ts';
export type { SeenFrame } from './frames/seen-frame.ts';
export type { InspectOption } from './inspect/inspection.ts';
export type { SessionReport } from './machines/session.types.ts';
export type { TurnOutcome } from './machines/turn-completion.types.ts';
export { type RealtimeSinkOptions, realtimeVideoSink } from './models/realtime-sink.ts';
export type { PushResult, RealtimeVideoSink } from './models/video-sink.ts';
export type { FrameBudgetOptions, FrameBudgetUse } from './sampling/frame-budget.ts';
export {
  everyFrame,
  fixedRate,
  onChange,
  type SampleContext,
  type SampleIntervals,
  type Sampler,
  voiceActivitySampler,
} from './sampling/samplers.ts';
export type { SceneChangeOptions } from './scene/scene-change.ts';
export type { Visibility } from './scene/visibility.ts';
export type { AvatarCounts, Spread, TurnCounts, VideoMetrics } from './session/metrics.ts';
export type {
  AvatarLimits,
  RealtimeOptions,
  ReconnectOptions,
  TurnOptions,
  VideoInputOptions,
  VideoSessionOptions,
} from './session/options.ts';
export type { VideoStartOptions } from './session/parts.ts';
export type {
  SourceSwitched,
  VideoErrorEvent,
  VideoEvent,
  VideoEventOf,
} from './session/reporter.ts';
export type {
  SamplingMode,
  SourceId,
  SourceKind,
  SourceSelector,
  StreamStatus,
  TrackPick,
} from './source.ts';
export { VideoSession } from './video-session.ts';
export type { AnswerSchema } from './watch/answer.ts';
export type { JsonSchema } from './watch/json-schema.ts';
export type { LookSource } from './watch/look-at.ts';
export { createLookTool, type LookToolOptions } from './watch/look-tool.ts';
export {
  VideoWatch,
  type WatchMetrics,
  type WatchNews,
  type WatchNewsOf,
} from './watch/video-watch.ts';
export { WatchError } from './watch/watch-error.ts';
export type {
  VideoWatchOptions,
  WatchAct,
  WatchDetector,
  WatchQuestion,
  WatchSighting,
} from './watch/watch-options.ts';
export type { WatchedVideo } from './watch/watched-video.ts';
