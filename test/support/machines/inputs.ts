import type { FrameRef } from '../../../src/frame.ts';
import type { AvatarInput } from '../../../src/machines/avatar.types.ts';
import type { FrameSamplingInput } from '../../../src/machines/frame-sampling.types.ts';
import type { IdlePauseInput } from '../../../src/machines/idle-pause.types.ts';
import type { LookInput } from '../../../src/machines/look.types.ts';
import type { ModelLinkInput } from '../../../src/machines/model-link.types.ts';
import type { SessionInput } from '../../../src/machines/session.types.ts';
import type { SourceInput, SourceSettings } from '../../../src/machines/source.types.ts';
import type { StartupInput } from '../../../src/machines/startup.types.ts';
import type { StreamReplacementInput } from '../../../src/machines/stream-replacement.types.ts';
import type { TrackDiscoveryInput } from '../../../src/machines/track-discovery.types.ts';
import type { TurnCompletionInput } from '../../../src/machines/turn-completion.types.ts';
import type { TurnMotionInput } from '../../../src/machines/turn-motion.types.ts';
import { sourceIdOf } from '../../../src/source.ts';
import { watchInput } from './simulated-watch.ts';

/** The settings of an input, without the parent. */
type Settings<Input> = Omit<Input, 'parent'>;

/** The source that is watched unless a test sets another one. */
export const SOURCE_ID = sourceIdOf('latest');

/** No two of its times are equal, so a test that confuses them fails. */
export const sourceSettings: SourceSettings = {
  discovery: { subscribeGraceMs: 1_000, subscribeTimeoutMs: 5_000 },
  replacement: {
    openTimeoutMs: 4_000,
    closeTimeoutMs: 1_500,
    retryBaseMs: 500,
    retryMaxMs: 3_000,
    maxAttempts: 4,
    stallAfterMs: 2_000,
  },
  pause: {
    isWanted: true,
    minIntervalMs: 3_500,
    leadMs: { longest: 600, shortest: 200 },
    wakeTimeoutMs: 1_700,
    rest: { shortestMs: 450, longestMs: 1_900, leadMs: 120, maxFrameGapMs: 70 },
  },
  sampling: { intervals: { speakingMs: 1_000, silentMs: 3_600 } },
  look: { lookTimeoutMs: 2_500 },
  motion: { maxPictures: 3, firstIntervalMs: 550, forgetAfterMs: 12_000 },
};

export const sourceInput: Settings<SourceInput> = {
  ...sourceSettings,
  id: SOURCE_ID,
  selector: 'latest',
  mode: 'sampled',
  model: 'realtime',
};

export const discoveryInput: Settings<TrackDiscoveryInput> = {
  ...sourceSettings.discovery,
  selector: 'latest',
};

export const replacementInput: Settings<StreamReplacementInput> = sourceSettings.replacement;

export const idlePauseInput: Settings<IdlePauseInput> = sourceSettings.pause;

export const samplingInput: Settings<FrameSamplingInput> = {
  ...sourceSettings.sampling,
  sourceId: SOURCE_ID,
  mode: 'sampled',
  sink: 'model',
};

export const lookInput: Settings<LookInput> = {
  ...sourceSettings.look,
  sourceId: SOURCE_ID,
  mode: 'sampled',
};

export const motionInput: Settings<TurnMotionInput> = {
  ...sourceSettings.motion,
  sourceId: SOURCE_ID,
};

export const linkInput: Settings<ModelLinkInput> = {
  blindAfterMs: 6_500,
  reviveTimeoutMs: 3_200,
  maxRevivals: 2,
};

export const newestFrame: FrameRef = {
  id: 7,
  trackSid: 'TR_camera',
  identity: 'user',
  source: 'camera',
  width: 1_280,
  height: 720,
  receivedAt: 99_900,
};

export const turnInput: Settings<TurnCompletionInput> = {
  requestId: 3,
  requestedAt: 100_000,
  frame: newestFrame,
  frameExpected: false,
  needsWords: false,
  maxFrameAgeMs: 6_000,
  attachBudgetMs: 800,
  commitTimeoutMs: 9_000,
};

export const avatarInput: Settings<AvatarInput> = {
  isWanted: true,
  finishTimeoutMs: 4_000,
  startTimeoutMs: 3_000,
  joinTimeoutMs: 5_000,
  stopTimeoutMs: 1_000,
  retryBaseMs: 700,
  retryMaxMs: 2_000,
  maxAttempts: 3,
  provenMs: 20_000,
  graceMs: 9_000,
};

export const sessionInput: SessionInput = {
  mode: 'sampled',
  follow: [{ id: SOURCE_ID, selector: 'latest' }],
  source: {
    ...sourceSettings,
    sampling: { intervals: sourceSettings.sampling.intervals },
    motion: { ...sourceSettings.motion, maxPictures: 0 },
  },
  link: linkInput,
  avatar: null,
  turn: { maxFrameAgeMs: 6_000, attachBudgetMs: 800, commitTimeoutMs: 9_000 },
  startup: { connectTimeoutMs: 7_000, startTimeoutMs: 8_000 },
  closeTimeoutMs: 2_200,
};

export const startupInput: Settings<StartupInput> = {
  ...sessionInput.startup,
  waitsForAvatar: true,
};

/** An input of each machine, by the machine's id. */
export const inputs: Record<string, object> = {
  avatar: avatarInput,
  frameSampling: samplingInput,
  idlePause: idlePauseInput,
  look: lookInput,
  modelLink: linkInput,
  session: sessionInput,
  source: sourceInput,
  startup: startupInput,
  streamReplacement: replacementInput,
  trackDiscovery: discoveryInput,
  turnCompletion: turnInput,
  turnMotion: motionInput,
  watch: watchInput,
};
