export { Ears, PITCHES, type Sound, STEP_MS, stair } from './avatar/ears.ts';
export { type Faults, HandAvatar } from './avatar/hand-avatar.ts';
export { greyFrame, HandCamera } from './camera/hand-camera.ts';
export type { SceneStyle } from './camera/scene.ts';
export { SyntheticCamera, type SyntheticCameraOptions } from './camera/synthetic-camera.ts';
export { FakeGeminiLive } from './fakes/gemini-live.ts';
export { FakeOpenAIRealtime } from './fakes/openai-realtime.ts';
export type { ReceivedFrame } from './fakes/service-record.ts';
export { AGENT, FACE, USER } from './identities.ts';
export { type LiveKitServer, startLiveKitServer } from './livekit-server.ts';
export {
  type JoinOptions,
  LoopbackParticipant,
  LoopbackPublication,
  LoopbackRoom,
} from './loopback-room.ts';
export {
  type Part,
  type RecordedMessage,
  type RecordedRequest,
  RecordingLLM,
  type Reply,
  type Responder,
  type ToolCall,
} from './recording-llm.ts';
export { SteppedClock } from './simulated-clock.ts';
export { until, untilEvent, within } from './waits.ts';
