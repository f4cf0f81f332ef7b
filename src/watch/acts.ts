import { llm, type voice } from '@livekit/agents';
import { MODEL_PICTURE } from '../defaults.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { nameOf } from '../models/chat-pictures.ts';
import { framePicture } from './frame-picture.ts';
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

/** A realtime model without a voice beside it has to be asked to say it. */
function say(session: voice.AgentSession, line: string): voice.SpeechHandle {
  return isRealtime(session) && !session.tts
    ? session.generateReply({ instructions: `Say exactly this, and nothing else: ${line}` })
    : session.say(line);
}

/**
 * Puts the picture into the agent's history, where the reply finds it and it ages as those of turns
 * do. A realtime model has got it with the look.
 */
async function remember({ currentAgent }: voice.AgentSession, frame: SeenFrame): Promise<void> {
  const picture = await framePicture(frame, { image: MODEL_PICTURE });
  const history = currentAgent.chatCtx.copy();
  history.addMessage({ role: 'user', content: [`[what the ${nameOf(frame)} shows now]`, picture] });
  await currentAgent.updateChatCtx(history);
}

const isRealtime = ({ currentAgent, llm: model }: voice.AgentSession): boolean =>
  (currentAgent.llm ?? model) instanceof llm.RealtimeModel;
