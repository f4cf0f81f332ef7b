import { llm, type voice } from '@livekit/agents';
import type { WatchAct, WatchSighting } from './watch-options.ts';

/** Does what a watch is there for; done when it is done, and said. */
export async function perform<Answer>(
  act: WatchAct<Answer>,
  sighting: WatchSighting<Answer>,
): Promise<void> {
  if (act === 'event') return;
  if (typeof act === 'function') {
    await act(sighting);
    return;
  }
  const { session, answer, signal } = sighting;
  if (!session) return;
  const words = (given: string | ((answer: Answer) => string)) =>
    typeof given === 'string' ? given : given(answer);
  const handle =
    'reply' in act
      ? session.generateReply({ instructions: words(act.reply) })
      : say(session, words(act.say));
  const interrupt = () => void handle.interrupt(true);
  signal.addEventListener('abort', interrupt);
  try {
    await handle.waitForPlayout();
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** A realtime model without a voice beside it has to be asked to say it. */
function say(session: voice.AgentSession, line: string): voice.SpeechHandle {
  return session.llm instanceof llm.RealtimeModel && !session.tts
    ? session.generateReply({ instructions: `Say exactly this, and nothing else: ${line}` })
    : session.say(line);
}
