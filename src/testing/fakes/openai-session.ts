import { type JsonObject, objectAt } from './json.ts';

/** A session before any update. */
export function newSession(id: string, model: string): JsonObject {
  const format = { type: 'audio/pcm', rate: 24_000 };
  return {
    id,
    object: 'realtime.session',
    type: 'realtime',
    model,
    output_modalities: ['audio'],
    instructions: '',
    tools: [],
    tool_choice: 'auto',
    max_output_tokens: 'inf',
    audio: {
      input: {
        format,
        transcription: null,
        noise_reduction: null,
        turn_detection: { type: 'server_vad', create_response: true, interrupt_response: true },
      },
      output: { format, voice: 'marin', speed: 1 },
    },
  };
}

/** An update replaces the fields that it has; `audio` is merged. */
export function updatedSession(session: JsonObject, update: JsonObject): JsonObject {
  const { audio, ...others } = update;
  const result = { ...session, ...others };
  if (audio !== undefined) {
    const [old, now] = [objectAt(session, 'audio'), objectAt(update, 'audio')];
    result.audio = {
      input: { ...objectAt(old, 'input'), ...objectAt(now, 'input') },
      output: { ...objectAt(old, 'output'), ...objectAt(now, 'output') },
    };
  }
  return result;
}
