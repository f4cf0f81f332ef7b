import type { voice } from '@livekit/agents';

/**
 * Does what the turn detector does at the end of a spoken turn of a pipeline, without a microphone.
 *
 * `_activity.onEndOfTurn`: the public way needs audio, a recognizer and a detector.
 */
export async function endSpokenTurn(
  session: voice.AgentSession,
  newTranscript: string,
  options: { skipReply?: boolean } = {},
): Promise<void> {
  await session._activity?.onEndOfTurn({
    ...options,
    newTranscript,
    transcriptConfidence: 1,
    transcriptionDelay: undefined,
    endOfUtteranceDelay: undefined,
    startedSpeakingAt: undefined,
    stoppedSpeakingAt: undefined,
  });
}
