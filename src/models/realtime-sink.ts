import type { llm } from '@livekit/agents';
import { UnsupportedModelError } from '../errors.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { googleVideoSink, isGoogleSession } from './google.ts';
import { isOpenAISession, openaiVideoSink } from './openai.ts';

/** `sent`, or why the picture did not go. It is never kept for later. */
export type PushResult =
  | 'sent'
  | 'not-connected'
  | 'restarting'
  | 'closed'
  | 'backpressure'
  | 'tool-pending';

/** The way of pictures into one session of a realtime model. */
export interface RealtimeVideoSink {
  /** Sends the picture now or not at all. Never queues, never throws. */
  push(image: EncodedImage): PushResult;
  /** What a new connection is told from the one before by; `undefined` while there is none. */
  connection(): object | undefined;
  /** The server closed the connection, and the plugin does not know. */
  isSilentlyClosed(): boolean;
  /** Makes the plugin connect anew. @returns whether it can be made to. */
  revive(): boolean;
}

export interface RealtimeSinkOptions {
  /**
   * OpenAI: pictures that stay in the server's conversation; older ones are deleted there.
   * @defaultValue 3
   */
  keepFrames?: number;
  /**
   * OpenAI: how closely the model looks; more costs more tokens.
   * @defaultValue 'auto'
   */
  detail?: 'auto' | 'low' | 'high';
}

/**
 * The provider's way in: Google's, OpenAI's, and those of plugins that inherit them.
 *
 * OpenAI's has to be made before the session connects, right after `model.session()`.
 * `VideoSession` does all of this by itself.
 *
 * @throws UnsupportedModelError where the session takes no video.
 */
export function realtimeVideoSink(
  session: llm.RealtimeSession,
  { keepFrames = 3, detail = 'auto' }: RealtimeSinkOptions = {},
): RealtimeVideoSink {
  if (isGoogleSession(session)) return googleVideoSink(session);
  if (isOpenAISession(session)) return openaiVideoSink(session, { keepFrames, detail });
  throw unsupported(session.realtimeModel);
}

/** The error for a realtime model whose plugin is not known. */
function unsupported(model: llm.RealtimeModel): UnsupportedModelError {
  return new UnsupportedModelError(
    `the realtime model ${model.label()}`,
    'live video goes to the google and openai plugins, and those that inherit them; with another ' +
      'model use an STT-LLM-TTS pipeline, where the frame rides on each turn',
  );
}
