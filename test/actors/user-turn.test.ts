import { llm, voice } from '@livekit/agents';
import { expect, test } from 'vitest';
import { afterUserTurn } from '../../src/actors/user-turn.ts';

/** An agent whose hook changes the message, and then succeeds or fails. */
function agentThat(hook: (message: llm.ChatMessage) => Promise<void>) {
  class Assistant extends voice.Agent {
    override async onUserTurnCompleted(_: llm.ChatContext, message: llm.ChatMessage) {
      await new Promise(setImmediate);
      message.content = [`${this.id}: ${message.textContent}`];
      await hook(message);
    }
  }
  return new Assistant({ instructions: 'You see.', id: 'reader' });
}

const question = () => llm.ChatMessage.create({ role: 'user', content: 'What is this?' });

test("a completed turn is reported with the message as the agent's hook leaves it", async () => {
  const agent = agentThat(async () => {});
  const completed: (string | undefined)[] = [];
  const stop = afterUserTurn(agent, (message) => completed.push(message.textContent));
  await agent.onUserTurnCompleted(llm.ChatContext.empty(), question());
  expect(completed).toEqual(['reader: What is this?']);
  stop();
  await agent.onUserTurnCompleted(llm.ChatContext.empty(), question());
  expect(completed).toHaveLength(1);
});

test('a turn whose hook fails is reported too, and the failure goes on to the framework', async () => {
  // The framework's StopResponse arrives in this way.
  const agent = agentThat(() => Promise.reject(new voice.StopResponse()));
  const completed: (string | undefined)[] = [];
  afterUserTurn(agent, (message) => completed.push(message.textContent));
  const turn = agent.onUserTurnCompleted(llm.ChatContext.empty(), question());
  await expect(turn).rejects.toBeInstanceOf(voice.StopResponse);
  expect(completed).toEqual(['reader: What is this?']);
});
