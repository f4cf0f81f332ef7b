import { llm, type voice } from '@livekit/agents';
import { beforeModelRequest } from '../actors/llm-node.ts';

/** A picture that answers a tool call. */
export interface ToolPicture {
  readonly callId: string;
  /** What it shows: `camera`. */
  readonly what: string;
  readonly picture: llm.ImageContent;
}

/** Pictures that wait for the request that follows their tool calls. */
interface FollowUps {
  readonly pictures: Set<ToolPicture>;
  /** Gives the agent its own `llmNode` back, once no picture waits. */
  endIfEmpty(): void;
}

const waiting = new WeakMap<voice.Agent, FollowUps>();

/**
 * Puts a picture behind the output of its tool call: into the request that follows, and into the
 * agent's history, where it ages as the pictures of turns do. A tool's own output is text, and the
 * framework makes that request of a copy of the context, which is reached in `llmNode` only.
 * Pictures of several calls in one step go together.
 *
 * @param speech - Whose step it is: if it is cut off, there is no such request, and no picture.
 */
export function showInFollowUp(
  agent: voice.Agent,
  speech: Pick<voice.SpeechHandle, 'addDoneCallback'>,
  shown: ToolPicture,
): void {
  const { pictures, endIfEmpty } = waiting.get(agent) ?? followUps(agent);
  pictures.add(shown);
  speech.addDoneCallback(() => {
    pictures.delete(shown);
    endIfEmpty();
  });
}

function followUps(agent: voice.Agent): FollowUps {
  const pictures = new Set<ToolPicture>();
  const stop = beforeModelRequest(agent, async (context) => {
    const due = [...pictures].filter(({ callId }) => isFollowUp(context.items, callId));
    for (const picture of due) pictures.delete(picture);
    shown.endIfEmpty();
    if (due.length === 0) return context;
    const message = llm.ChatMessage.create({
      role: 'user',
      content: due.flatMap(({ what, picture }) => [
        `[the picture of the ${what} that was asked for]`,
        picture,
      ]),
    });
    // First the history: what is in it is no new turn of the user.
    const history = agent.chatCtx.copy();
    history.items.push(message);
    await agent.updateChatCtx(history);
    context.items.push(message);
    return context;
  });
  const shown: FollowUps = {
    pictures,
    endIfEmpty() {
      if (pictures.size > 0) return;
      // If the application has set an `llmNode` since then, that one still calls this.
      stop();
      if (waiting.get(agent) === shown) waiting.delete(agent);
    },
  };
  waiting.set(agent, shown);
  return shown;
}

/** Whether the call is answered, and the user has said nothing since. */
function isFollowUp(items: readonly llm.ChatItem[], callId: string): boolean {
  const output = items.findLastIndex(
    (item) => item.type === 'function_call_output' && item.callId === callId,
  );
  const isOfUser = (item: llm.ChatItem) => item.type === 'message' && item.role === 'user';
  return output >= 0 && !items.slice(output + 1).some(isOfUser);
}
