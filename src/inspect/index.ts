/** The live inspector: the agent's side, the server, and recordings. */
export { createInspector, type Inspector, type InspectorOptions } from './inspector.ts';
export { createRecorder, type Recorder, readRecording } from './recording.ts';
export { type InspectorServer, startInspector } from './server.ts';
