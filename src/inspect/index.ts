/** The live inspector: what an agent sends, who shows it, and recordings. */
export { createInspector, type Inspector, type InspectorOptions } from './inspector.ts';
export { createRecorder, type Recorder, type Recording, readRecording } from './recording.ts';
export { type InspectorServer, type InspectorServerOptions, startInspector } from './server.ts';
