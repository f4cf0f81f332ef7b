import type { llm } from '@livekit/agents';

/**
 * Shows the newest frame after the application has committed the user's speech, as for push-to-talk.
 * The reply waits for it. Without turn detection, nothing else reports the end of the turn, and the
 * model would answer with the last picture of the sampler.
 *
 * The audio itself does not wait: the user may press the button again, which clears it.
 */
export function showBeforeCommittedReply(
  session: llm.RealtimeSession,
  showNewest: () => Promise<void>,
): void {
  let shown: Promise<void> | undefined;
  const commit = session.commitAudio.bind(session);
  session.commitAudio = () => {
    const committed = commit();
    shown = showNewest();
    return committed;
  };
  const generate = session.generateReply.bind(session);
  session.generateReply = async (...request) => {
    await shown;
    return generate(...request);
  };
}
