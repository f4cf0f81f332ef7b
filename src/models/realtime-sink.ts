import { llm } from '@livekit/agents';
import { object } from '../checks.ts';
import { REALTIME } from '../defaults.ts';
import { UnsupportedModelError } from '../errors.ts';
import { filled } from '../option-table.ts';
import { assertOneFramework } from './framework-copy.ts';
import { googleVideoSink, isGoogleSession } from './google.ts';
import { gptLiveVideoSink, isGPTLiveSession } from './gpt-live.ts';
import { openaiVideoSink, type PictureRefusal } from './openai.ts';
import { isOpenAISession } from './openai-session.ts';
import type { RealtimeVideoSink } from './video-sink.ts';

export interface RealtimeSinkOptions {
  /**
   * OpenAI: pictures of each source that stay in the server's conversation; older ones are deleted
   * there.
   * @defaultValue 3
   */
  keepPictures?: number;
  /**
   * OpenAI: how closely the model looks; a higher detail costs more tokens.
   * @defaultValue 'auto'
   */
  detail?: 'auto' | 'low' | 'high';
}

/**
 * The sink for a provider's session: Google's, OpenAI's with GPT-Live, and those of plugins that
 * inherit them.
 *
 * Create OpenAI's before the session connects, right after `model.session()`. `VideoSession` does
 * all of this itself.
 *
 * @throws OptionError; UnsupportedModelError if the session takes no video; DuplicateFrameworkError
 * if it comes from another copy of the framework.
 */
export function realtimeVideoSink(
  session: llm.RealtimeSession,
  options: RealtimeSinkOptions = {},
): RealtimeVideoSink {
  return makeSink(session, options);
}

/**
 * Like {@link realtimeVideoSink}; `onRefused` is called for each picture that the service refused.
 */
export function makeSink(
  session: llm.RealtimeSession,
  options: RealtimeSinkOptions,
  onRefused: (refusal: PictureRefusal) => void = () => {},
): RealtimeVideoSink {
  object('session', session, 'pass the RealtimeSession of the model');
  assertOneFramework(session);
  const resolved = filled('', options, REALTIME);
  if (isGoogleSession(session)) return googleVideoSink(session);
  if (isOpenAISession(session)) return openaiVideoSink(session, { ...resolved, onRefused });
  if (isGPTLiveSession(session)) return gptLiveVideoSink(session, { ...resolved, onRefused });
  throw unsupported(session.realtimeModel);
}

/** The error for a realtime model with an unknown plugin. */
function unsupported(model: llm.RealtimeModel): UnsupportedModelError {
  const own = model instanceof llm.DuplexRealtimeAdapter ? model.duplexModel : model;
  return new UnsupportedModelError(
    `the realtime model ${own.label()}`,
    'live video goes to the google and openai plugins, and those that inherit them; with another ' +
      'model use an STT-LLM-TTS pipeline, which gets a frame with each turn',
  );
}
