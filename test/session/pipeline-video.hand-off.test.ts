import { llm, voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  type Stage,
  setStage,
  userTurns,
} from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const plain = (id: string) => new voice.Agent({ id, instructions: 'Say what you see.' });

/** An agent with one tool. */
function withTool(name: string, execute: () => Promise<unknown>): voice.Agent {
  const tools = [llm.tool({ name, description: 'A tool of the test.', execute })];
  return new voice.Agent({ id: 'first', instructions: 'Use the tool.', tools });
}

/**
 * A turn after a new frame has exactly that picture, and no agent keeps our `llmNode` after close.
 */
async function seesOn(stage: Stage, agents: voice.Agent[]): Promise<void> {
  const { id } = await stage.show(4);
  await stage.hear('What is it now?');
  expect(stage.model.last.text).toBe('What is it now?');
  expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  await stage.video.close();
  expect(agents.map((agent) => Object.hasOwn(agent, 'llmNode'))).toEqual(agents.map(() => false));
}

describe('pictures after a hand-off', () => {
  test('pictures continue after session.updateAgent', async () => {
    const [first, second] = [plain('first'), plain('second')];
    const stage = await liveStage(camera, { agent: first });
    await stage.show(3);
    await stage.type('What is it?');
    const handedOff = nextEvent(stage.video, 'agent.handedOff');
    stage.session.updateAgent(second);
    expect((await handedOff).agentId).toBe('second');
    await stage.session.waitForIdle();
    await seesOn(stage, [first, second]);
  });

  test('pictures continue after a tool returns a hand-off', async () => {
    const second = plain('second');
    const first = withTool('escalate', async () =>
      llm.handoff({ agent: second, returns: 'You are put through.' }),
    );
    const stage = await liveStage(camera, { agent: first });
    const { id } = await stage.show(3);
    stage.model.replies.push({ call: 'escalate' });
    const handedOff = nextEvent(stage.video, 'agent.handedOff');
    await stage.session.run({ userInput: 'Put me through.' }).wait();
    await handedOff;
    // The first agent's last words still have their picture.
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [id],
      [id],
    ]);
    expect(stage.session.currentAgent).toBe(second);
    await seesOn(stage, [first, second]);
  });

  test('an agent that greets after a hand-off with the history gets no picture but the one in it', async () => {
    class Greeter extends voice.Agent {
      override async onEnter(): Promise<void> {
        await this.session.generateReply({ instructions: 'Say hello.' }).waitForPlayout();
      }
    }
    const first = plain('first');
    const stage = await liveStage(camera, { agent: first });
    const { id } = await stage.show(3);
    await stage.type('What is it?');
    await stage.show(5);
    const second = new Greeter({
      id: 'second',
      instructions: 'You greet.',
      chatCtx: first.chatCtx.copy(),
    });
    stage.session.updateAgent(second);
    await stage.model.asked(2);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    await stage.session.waitForIdle();
    await seesOn(stage, [first, second]);
    // This also holds for the first agent's own copy of the conversation.
    const placeholder = expect.stringMatching(/^\[a picture of the camera/);
    expect(userTurns([...first.chatCtx.items])).toEqual([['What is it?', placeholder]]);
  });

  test('pictures continue after a hand-off back to the first agent', async () => {
    const [first, second] = [plain('first'), plain('second')];
    const stage = await liveStage(camera, { agent: first });
    for (const agent of [second, first]) {
      const handedOff = nextEvent(stage.video, 'agent.handedOff');
      stage.session.updateAgent(agent);
      expect((await handedOff).agentId).toBe(agent.id);
      await stage.session.waitForIdle();
    }
    await seesOn(stage, [first, second]);
  });
});

describe('pictures in an inline task', () => {
  class Consent extends voice.AgentTask<string> {
    constructor() {
      super({ instructions: 'Ask whether this is fine.' });
    }

    override async onEnter(): Promise<void> {
      await this.session.generateReply({ instructions: 'Ask.' }).waitForPlayout();
    }
  }

  test('pictures continue in a task that a tool runs, and after it', async () => {
    const task = new Consent();
    const first = withTool('consent', () => task.run());
    const stage = await liveStage(camera, { agent: first });
    const { model, session } = stage;
    const asked = await stage.show(3);
    model.replies.push({ call: 'consent' });
    const handedOff = nextEvent(stage.video, 'agent.handedOff');
    const turn = session.generateReply({ userInput: 'May I?' });
    await handedOff;
    await model.asked(2);
    expect(model.last.pictures).toEqual([]);
    await session.waitForIdle();

    const { id } = await stage.show(6);
    await stage.hear('This one?');
    expect(model.last.text).toBe('This one?');
    expect(model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(asked.id).toBeLessThan(id);

    task.complete('yes');
    await turn.waitForPlayout();
    expect(session.currentAgent).toBe(first);
    // The answer to the tool: the newest picture is the one of the turn in the task.
    expect(model.last.text).toMatch(/^May I\?\n\[a picture of the camera/);
    expect(model.last.pictures).toEqual([]);
    expect(stage.video.metrics().turns.attached).toBe(2);
    await seesOn(stage, [first, task]);
  });

  test('pictures continue in a task that onEnter runs, and after it', async () => {
    const task = new Consent();
    const { promise: agreed, resolve: agree } = deferred<string>();
    class Careful extends voice.Agent {
      override async onEnter(): Promise<void> {
        agree(await task.run());
      }
    }
    const first = new Careful({ id: 'first', instructions: 'Ask first.' });
    const stage = setStage(camera, { agent: first });
    await stage.start();
    await stage.model.asked(1);
    await stage.cameraOn();
    await stage.session.waitForIdle();
    const { id } = await stage.show(6);
    await stage.type('This one?');
    expect(stage.session.currentAgent).toBe(task);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);

    const handedOff = nextEvent(stage.video, 'agent.handedOff');
    task.complete('yes');
    expect(await agreed).toBe('yes');
    expect((await handedOff).agentId).toBe('first');
    await seesOn(stage, [first, task]);
  });
});
