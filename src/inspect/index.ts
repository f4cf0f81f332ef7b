/** The live inspector: what an agent sends, who shows it, and recordings. */
export {
  createInspector,
  type InspectedPicture,
  type Inspector,
  type InspectorCounts,
  type InspectorOptions,
} from './inspector.ts';
export {
  createRecorder,
  type Recorder,
  type Recording,
  type RecordingHeader,
  readRecording,
} from './recording.ts';
export { type InspectorServer, type InspectorServerOptions, startInspector } from './server.ts';
export type * from './wire.ts';
