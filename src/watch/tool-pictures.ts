import { llm, type voice } from '@livekit/agents';
import { beforeModelRequest } from '../actors/llm-node.ts';

/** A picture that answers a tool call. */
export interface ToolPicture {
  readonly callId: string;
  /** What it shows: `camera`. */
  readonly what: string;
  readonly picture: llm.ImageContent;
}

/**
 * Puts a picture behind the output of its tool call: into the next model request, and into the
 * agent's history, where it ages as the pictures of turns do. A tool's own output is text, and the
 * framework makes that request of a copy of the context, which is reached in `llmNode` only.
 */
export function showInFollowUp(agent: voice.Agent, { callId, what, picture }: ToolPicture): void {
  let shown = false;
  const stop = beforeModelRequest(agent, async (context) => {
    // If the application has set an `llmNode` since then, that one still calls this.
    if (shown || !isAnswered(context.items, callId)) return context;
    shown = true;
    stop();
    const message = llm.ChatMessage.create({
      role: 'user',
      content: [`[the picture of the ${what} that was asked for]`, picture],
    });
    // First the history: what is in it is no new turn of the user.
    const history = agent.chatCtx.copy();
    history.items.push(message);
    await agent.updateChatCtx(history);
    context.items.push(message);
    return context;
  });
}

const isAnswered = (items: readonly llm.ChatItem[], callId: string): boolean =>
  items.some((item) => item.type === 'function_call_output' && item.callId === callId);
