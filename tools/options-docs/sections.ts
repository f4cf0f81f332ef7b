import * as defaults from '../../src/defaults.ts';
import type { NestedRows, OptionRows } from '../../src/option-table.ts';

/** An option with its own line in the docs. */
export type OptionLine = Exclude<OptionRows[string], NestedRows>;

/** Options that are passed as one object. */
export interface OptionGroup {
  /** Their path among the options of the section, such as `turn`. */
  path: string;
  rows: OptionRows;
  /**
   * The place of their TSDoc: a file of `src`, and a type, a member of it, or a function's
   * parameter.
   */
  source?: readonly [file: string, type: string];
}

/** The tables of `docs/options.md`, by the name in the comment above each. */
export const SECTIONS: Readonly<Record<string, readonly OptionGroup[]>> = {
  session: [
    group('', defaults.SESSION, 'session/options.ts', 'VideoSessionOptions'),
    group('input', defaults.INPUT, 'session/options.ts', 'VideoInputOptions'),
    group('input.image', defaults.INPUT_IMAGE, 'session/options.ts', 'InputImageOptions'),
    group('input.image.screen', defaults.SCREEN_IMAGE, 'session/options.ts', 'ScreenImageOptions'),
    group('input.budget', defaults.BUDGET, 'sampling/frame-budget.ts', 'FrameBudgetOptions'),
    group('turn', defaults.TURN, 'session/options.ts', 'TurnOptions'),
    group('realtime', defaults.REALTIME, 'models/realtime-sink.ts', 'RealtimeSinkOptions'),
    group('realtime.reconnect', defaults.RECONNECT, 'session/options.ts', 'ReconnectOptions'),
    group('avatarLimits', defaults.AVATAR_LIMITS, 'session/options.ts', 'AvatarLimits'),
    group('limits', defaults.LIMITS, 'session/options.ts', 'VideoSessionOptions.limits'),
  ],
  encode: [
    group('', defaults.ENCODE, 'frames/encode-options.ts', 'EncodeOptions'),
    { path: 'resize', rows: defaults.RESIZE },
  ],
  'image-content': [
    group('', defaults.IMAGE_CONTENT, 'frames/image-content.ts', 'ImageContentOptions'),
  ],
  processor: [group('', defaults.PROCESSOR, 'processors/video-processor.ts', 'ProcessorLimits')],
  'video-output': [
    group('', defaults.VIDEO_OUTPUT, 'output/video-output.ts', 'VideoOutputOptions'),
  ],
  mask: [group('', defaults.MASK, 'processors/mask.ts', 'MaskOptions')],
  'describe-pictures': [
    group('', defaults.DESCRIBE_PICTURES, 'models/describe-pictures.ts', 'DescribePicturesOptions'),
  ],
  samplers: [
    group(
      'voiceActivitySampler',
      defaults.VOICE_ACTIVITY_SAMPLER,
      'sampling/samplers.ts',
      'voiceActivitySampler.options',
    ),
    { path: 'fixedRate', rows: defaults.FIXED_RATE },
    group(
      'adaptiveSampler',
      defaults.ADAPTIVE_SAMPLER,
      'sampling/adaptive-sampler.ts',
      'AdaptiveSamplerOptions',
    ),
    group('onChange', defaults.ON_CHANGE, 'sampling/samplers.ts', 'onChange.options'),
  ],
  watch: [
    group('', defaults.WATCH, 'watch/watch-options.ts', 'VideoWatchOptions'),
    group('onSceneChange', defaults.SCENE_CHANGE, 'scene/scene-change.ts', 'SceneChangeOptions'),
    group('decide', defaults.WATCH_QUESTION, 'watch/watch-options.ts', 'WatchQuestion'),
    group('confirm', defaults.CONFIRM, 'watch/watch-options.ts', 'VideoWatchOptions.confirm'),
    group('budget', defaults.WATCH_BUDGET, 'watch/watch-options.ts', 'VideoWatchOptions.budget'),
    group('limits', defaults.WATCH_LIMITS, 'watch/watch-options.ts', 'VideoWatchOptions.limits'),
  ],
  'point-tool': [group('', defaults.POINT_TOOL, 'watch/point-tool.ts', 'PointToolOptions')],
  look: [group('', defaults.LOOK, 'session/look-requests.ts', 'LookOptions')],
  'look-tool': [group('', defaults.LOOK_TOOL, 'watch/look-tool.ts', 'LookToolOptions')],
  'local-avatar': [
    group('', defaults.LOCAL_AVATAR, 'avatar/worker/local-avatar-options.ts', 'LocalAvatarOptions'),
  ],
  'avatar-runner': [
    group('', defaults.AVATAR_RUNNER, 'avatar/worker/runner-options.ts', 'AvatarRunnerOptions'),
    group('options', defaults.AVATAR_FORMAT, 'avatar/worker/runner-options.ts', 'AvatarFormat'),
  ],
  'audio-receiver': [
    group(
      '',
      defaults.AUDIO_RECEIVER,
      'avatar/worker/data-stream-audio-receiver.ts',
      'DataStreamAudioReceiverOptions',
    ),
  ],
  inspector: [group('', defaults.INSPECTOR, 'inspect/inspector.ts', 'InspectorOptions')],
  'inspector-server': [
    group('', defaults.INSPECTOR_SERVER, 'inspect/server.ts', 'InspectorServerOptions'),
  ],
};

/** The options of a group that are no groups themselves. */
export const linesOf = (rows: OptionRows): [name: string, line: OptionLine][] =>
  Object.entries(rows).flatMap(([name, row]) => ('rows' in row ? [] : [[name, row]]));

function group(path: string, rows: OptionRows, file: string, type: string): OptionGroup {
  return { path, rows, source: [file, type] };
}
