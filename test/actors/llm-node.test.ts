import { llm, voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { beforeModelRequest } from '../../src/actors/llm-node.ts';

test("a request reaches the agent's own llmNode with the prepared context, after the wait", async () => {
  const calls: unknown[] = [];
  class Assistant extends voice.Agent {
    override async llmNode(...asked: Parameters<voice.Agent['llmNode']>) {
      calls.push([this, ...asked]);
      return null;
    }
  }
  const agent = new Assistant({ instructions: 'You see.' });
  const given = llm.ChatContext.empty();
  const prepared = llm.ChatContext.empty();
  const stop = beforeModelRequest(agent, async (context) => {
    calls.push(['prepares', context]);
    await new Promise(setImmediate);
    return prepared;
  });
  const tools = {};
  const settings = { toolChoice: 'auto' } as const;
  await agent.llmNode(given, tools as never, settings);
  // `toBe` for each: two empty contexts are equal.
  const [preparing, asked] = calls as unknown[][];
  expect(preparing?.[1]).toBe(given);
  expect(asked?.[0]).toBe(agent);
  expect(asked?.[1]).toBe(prepared);
  expect(asked?.[2]).toBe(tools);
  expect(asked?.[3]).toBe(settings);
  stop();
  await agent.llmNode(given, tools as never, settings);
  expect(calls).toHaveLength(3);
  expect((calls[2] as unknown[])[1]).toBe(given);
});
