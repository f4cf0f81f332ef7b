import { llm, type voice } from '@livekit/agents';

/** A picture that answers a tool call. */
export interface ToolPicture {
  readonly callId: string;
  /** What it shows: `camera`. */
  readonly what: string;
  readonly picture: llm.ImageContent;
}

type LlmNode = voice.Agent['llmNode'];

/**
 * Puts a picture behind the output of its tool call: into the next model request, and into the
 * agent's history, where it ages as the pictures of turns do. A tool's own output is text, and the
 * framework makes that request of a copy of the context, which is reached in `llmNode` only.
 */
export function showInFollowUp(agent: voice.Agent, { callId, what, picture }: ToolPicture): void {
  const own = Object.hasOwn(agent, 'llmNode') ? agent.llmNode : undefined;
  const original: LlmNode =
    own ?? ((...args) => (Object.getPrototypeOf(agent) as voice.Agent).llmNode.apply(agent, args));
  let shown = false;
  const ours: LlmNode = async (context, tools, settings) => {
    if (!shown && isAnswered(context.items, callId)) {
      shown = true;
      // One that the application gave it since then stays, and calls this one.
      if (agent.llmNode === ours) {
        if (own) agent.llmNode = own;
        else Reflect.deleteProperty(agent, 'llmNode');
      }
      const message = llm.ChatMessage.create({
        role: 'user',
        content: [`[the picture of the ${what} that was asked for]`, picture],
      });
      // First the history: what is in it is no new turn of the user.
      const history = agent.chatCtx.copy();
      history.items.push(message);
      await agent.updateChatCtx(history);
      context.items.push(message);
    }
    return original.call(agent, context, tools, settings);
  };
  agent.llmNode = ours;
}

const isAnswered = (items: readonly llm.ChatItem[], callId: string): boolean =>
  items.some((item) => item.type === 'function_call_output' && item.callId === callId);
