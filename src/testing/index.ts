export { Ears, type Gap, type Sound } from './avatar/ears.ts';
export { PITCHES, STEP_MS, stair, stairSpeech, stairSteps } from './avatar/stair.ts';
export { type AvatarFaults, TestAvatar } from './avatar/test-avatar.ts';
export { greyFrame } from './camera/levels.ts';
export {
  type CameraRotation,
  type ShowOptions,
  TestCamera,
  type TestCameraOptions,
} from './camera/test-camera.ts';
export type { VideoFileOptions } from './camera/video-player.ts';
export { TestingError, type TestingFault } from './errors.ts';
export { FakeGeminiLive } from './fakes/gemini-live.ts';
export { FakeOpenAIRealtime } from './fakes/openai-realtime.ts';
export { AGENT, FACE, USER } from './identities.ts';
export { type LiveKitServer, startLiveKitServer } from './livekit-server.ts';
export {
  type JoinOptions,
  LoopbackParticipant,
  LoopbackPublication,
  LoopbackRoom,
} from './loopback-room.ts';
export {
  assertShows,
  type Judgement,
  judgePicture,
  type Verdict,
} from './pictures/judge.ts';
export {
  assertLooksLike,
  greyLevel,
  type LikenessOptions,
  likeness,
  looksLike,
} from './pictures/likeness.ts';
export type { PictureLike, Pixels } from './pictures/picture.ts';
export { assertShowsText, type PictureReader, textIn } from './pictures/reading.ts';
export { RecordedPicture } from './recorded-picture.ts';
export type { Part, RecordedMessage, RecordedRequest } from './recorded-request.ts';
export { RecordingLLM, type Reply, type Responder, type ToolCall } from './recording-llm.ts';
export { SteppedClock } from './simulated-clock.ts';
export { until, untilEvent, within } from './waits.ts';
