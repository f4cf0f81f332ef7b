import type { FrameRef } from '../../../src/frame.ts';
import type { AvatarInput } from '../../../src/machines/avatar.types.ts';
import type { FrameSamplingInput } from '../../../src/machines/frame-sampling.types.ts';
import type { IdlePauseInput } from '../../../src/machines/idle-pause.types.ts';
import type { LookInput } from '../../../src/machines/look.types.ts';
import type { ModelLinkInput } from '../../../src/machines/model-link.types.ts';
import type { SessionInput } from '../../../src/machines/session.types.ts';
import type { SightInput } from '../../../src/machines/sight.types.ts';
import type { StreamReplacementInput } from '../../../src/machines/stream-replacement.types.ts';
import type { TrackDiscoveryInput } from '../../../src/machines/track-discovery.types.ts';
import type { TurnCompletionInput } from '../../../src/machines/turn-completion.types.ts';
import type { TurnMotionInput } from '../../../src/machines/turn-motion.types.ts';
import type { ViewInput } from '../../../src/machines/view.types.ts';
import { watchInput } from './simulated-watch.ts';

/** Inputs that no two of their times are equal in: a test that mixes them up fails. */
export const discoveryInput: TrackDiscoveryInput = {
  selector: 'latest',
  subscribeGraceMs: 1_000,
  subscribeTimeoutMs: 5_000,
};

export const replacementInput: StreamReplacementInput = {
  openTimeoutMs: 4_000,
  closeTimeoutMs: 1_500,
  retryBaseMs: 500,
  retryMaxMs: 3_000,
  maxAttempts: 4,
  stallAfterMs: 2_000,
};

export const samplingInput: FrameSamplingInput = {
  mode: 'sampled',
  sink: 'model',
  intervals: { speakingMs: 1_000, silentMs: 3_600 },
};

export const lookInput: LookInput = { mode: 'sampled', lookTimeoutMs: 2_500 };

export const idlePauseInput: IdlePauseInput = {
  policy: 'pause',
  minIntervalMs: 3_500,
  leadMs: { longest: 600, shortest: 200 },
  wakeTimeoutMs: 1_700,
};

export const sightInput: SightInput = {
  mode: 'sampled',
  discovery: discoveryInput,
  replacement: replacementInput,
  pause: idlePauseInput,
};

export const linkInput: ModelLinkInput = {
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

export const turnInput: TurnCompletionInput = {
  requestId: 3,
  requestedAt: 100_000,
  frame: newestFrame,
  frameExpected: false,
  maxFrameAgeMs: 6_000,
  attachBudgetMs: 800,
  commitTimeoutMs: 9_000,
};

export const motionInput: TurnMotionInput = {
  maxPictures: 3,
  firstIntervalMs: 550,
  forgetAfterMs: 12_000,
};

export const viewInput: ViewInput = {
  view: 1,
  eyes: sightInput,
  sampling: samplingInput,
  look: lookInput,
  motion: motionInput,
};

export const avatarInput: AvatarInput = {
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
  eyes: [sightInput],
  sampling: {
    mode: 'sampled',
    intervals: samplingInput.intervals,
  },
  look: lookInput,
  motion: { ...motionInput, maxPictures: 0 },
  link: linkInput,
  face: null,
  turn: { maxFrameAgeMs: 6_000, attachBudgetMs: 800, commitTimeoutMs: 9_000 },
  connectTimeoutMs: 7_000,
  startTimeoutMs: 8_000,
  closeTimeoutMs: 2_200,
};

/** An input of each machine, by the machine's id. */
export const inputs: Record<string, unknown> = {
  trackDiscovery: discoveryInput,
  streamReplacement: replacementInput,
  frameSampling: samplingInput,
  look: lookInput,
  idlePause: idlePauseInput,
  modelLink: linkInput,
  avatarStartup: avatarInput,
  sight: sightInput,
  turnCompletion: turnInput,
  turnMotion: motionInput,
  view: viewInput,
  session: sessionInput,
  watch: watchInput,
};
