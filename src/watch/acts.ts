import { llm, type voice } from '@livekit/agents';
import { MODEL_PICTURE } from '../defaults.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { nameOf } from '../models/chat-pictures.ts';
import { framePicture } from './frame-picture.ts';
import type { WatchAct, WatchSighting } from './watch-options.ts';

/** Performs the act of a watch. Resolves when it is done and spoken. */
export async function perform<Answer>(
  act: WatchAct<Answer>,
  sighting: WatchSighting<Answer>,
): Promise<void> {
  if (act === 'event') return;
  if (typeof act === 'function') {
    await act(sighting);
    return;
  }
  const { session, answer, frame, signal } = sighting;
  if (!session) return;
  const words = (given: string | ((answer: Answer) => string)) =>
    typeof given === 'string' ? given : given(answer);
  if ('reply' in act && !isRealtime(session)) await remember(session, frame);
  if (signal.aborted) return;
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

/** A realtime model without a separate voice has to be instructed to say the line. */
function say(session: voice.AgentSession, line: string): voice.SpeechHandle {
  return isRealtime(session) && !session.tts
    ? session.generateReply({ instructions: `Say exactly this, and nothing else: ${line}` })
    : session.say(line);
}

/**
 * Adds the picture to the agent's history, where the reply finds it; it ages there like the
 * pictures of turns. A realtime model already got it with the look.
 */
async function remember({ currentAgent }: voice.AgentSession, frame: SeenFrame): Promise<void> {
  const picture = await framePicture(frame, { image: MODEL_PICTURE, isForAgent: true });
  const history = currentAgent.chatCtx.copy();
  history.addMessage({ role: 'user', content: [`[what the ${nameOf(frame)} shows now]`, picture] });
  await currentAgent.updateChatCtx(history);
}

const isRealtime = ({ currentAgent, llm: model }: voice.AgentSession): boolean =>
  (currentAgent.llm ?? model) instanceof llm.RealtimeModel;
