export type { VideoRoom } from './actors/video-room.ts';
export type { AvatarSessionLike } from './avatar/avatar-session.ts';
export type { AudioReceiver, SpeechItem } from './avatar/worker/audio-receiver.ts';
export { AvatarRunner } from './avatar/worker/avatar-runner.ts';
export { DataStreamAudioReceiver } from './avatar/worker/data-stream-audio-receiver.ts';
export { LocalAvatar } from './avatar/worker/local-avatar.ts';
export type { AvatarFormat } from './avatar/worker/runner-options.ts';
export type { VideoGenerator } from './avatar/worker/video-generator.ts';
export {
  AvatarError,
  DuplicateFrameworkError,
  EncodeError,
  LookError,
  OptionError,
  OutputError,
  PointError,
  ProcessorError,
  SessionStateError,
  SightlineError,
  StartTimeoutError,
  UnsupportedModelError,
} from './errors.ts';
export { type EncodedImage, type EncodeOptions, encodeFrame } from './frames/encode.ts';
export { resizedGeometry } from './frames/geometry.ts';
export { toDataUrl, toImageContent } from './frames/image-content.ts';
export type { SeenFrame } from './frames/seen-frame.ts';
export { describePictures } from './models/describe-pictures.ts';
export { realtimeVideoSink } from './models/realtime-sink.ts';
export type { OutputPicture } from './output/output-picture.ts';
export { VideoOutput } from './output/video-output.ts';
export { annotate, type Drawing } from './processors/annotate.ts';
export { caption } from './processors/caption.ts';
export { crop } from './processors/crop.ts';
export { mask } from './processors/mask.ts';
export type { Region } from './processors/region.ts';
export type { VideoProcessor } from './processors/video-processor.ts';
export { adaptiveSampler } from './sampling/adaptive-sampler.ts';
export type { Sampler } from './sampling/sampler.ts';
export { everyFrame, fixedRate, onChange, voiceActivitySampler } from './sampling/samplers.ts';
export type { LookOptions } from './session/look-requests.ts';
export type { VideoMetrics } from './session/metrics.ts';
export type { VideoSessionOptions } from './session/options.ts';
export type { VideoStartOptions } from './session/parts.ts';
export type { VideoEvent } from './session/reporter.ts';
export type { SamplingMode, SourceSelector } from './source.ts';
export { VideoSession } from './video-session.ts';
export { createLookTool } from './watch/look-tool.ts';
export { createPointTool } from './watch/point-tool.ts';
export { VideoWatch } from './watch/video-watch.ts';
export { WatchError } from './watch/watch-error.ts';
export type { VideoWatchOptions, WatchDetector } from './watch/watch-options.ts';
