import { llm, type voice } from '@livekit/agents';
import { beforeModelRequest } from '../actors/llm-node.ts';

/** A picture that belongs to the answer of a tool call. */
export interface ToolPicture {
  readonly callId: string;
  /** What it is: `picture of the camera`. */
  readonly what: string;
  readonly picture: llm.ImageContent;
}

/** Pictures that wait for the request after their tool calls. */
interface FollowUps {
  readonly pictures: Set<ToolPicture>;
  /** Restores the agent's own `llmNode` when no picture is waiting. */
  endIfEmpty(): void;
}

const waiting = new WeakMap<voice.Agent, FollowUps>();

/**
 * Adds a picture after the output of its tool call: to the request that follows, and to the agent's
 * history, and ages like the pictures of turns. A tool's output can only be text, and the
 * framework makes that request from a copy of the context, which only `llmNode` can reach. Pictures
 * of several calls in one step are added together.
 *
 * @param speech - The speech of the step. If it is interrupted, there is no such request, and no
 * picture.
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
      content: due.flatMap(({ what, picture }) => [`[the ${what} that was requested]`, picture]),
    });
    // First the history, so that the message does not count as a new turn of the user.
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

/** Whether the call was answered, and no message of the user follows. */
function isFollowUp(items: readonly llm.ChatItem[], callId: string): boolean {
  const output = items.findLastIndex(
    (item) => item.type === 'function_call_output' && item.callId === callId,
  );
  const isOfUser = (item: llm.ChatItem) => item.type === 'message' && item.role === 'user';
  return output >= 0 && !items.slice(output + 1).some(isOfUser);
}
