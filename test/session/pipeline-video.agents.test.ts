import { ReadableStream } from 'node:stream/web';
import { llm, log as logOfFramework, voice } from '@livekit/agents';
import { VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { countPictures } from '../../src/models/chat-pictures.ts';
import { isPicture, type RecordedRequest } from '../../src/testing/recorded-request.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, frameIdOf, liveStage, nextItem, userTurns } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(async () => {
  vi.restoreAllMocks();
  await endStages();
});

type LlmNode = voice.Agent['llmNode'];

/** The context that an agent's own `llmNode` got. */
interface Given {
  readonly pictures: number;
  readonly self: unknown;
}

type LogFields = { readonly cause?: string };

const instructions = 'Say what you see.';

/** The user's messages of a request: their texts, and a picture as its frame's number. */
const userMessages = ({ messages }: RecordedRequest) =>
  messages
    .filter(({ role }) => role === 'user')
    .map(({ parts }) => parts.map((part) => (isPicture(part) ? frameIdOf(part) : part)));

describe('an agent with its own onUserTurnCompleted', () => {
  class Editor extends voice.Agent {
    override async onUserTurnCompleted(_: llm.ChatContext, message: llm.ChatMessage) {
      message.content = [`[by voice] ${message.textContent}`];
    }
  }

  test('an agent can edit the words in onUserTurnCompleted, and the picture stays with them', async () => {
    const stage = await liveStage(camera, { agent: new Editor({ instructions }) });
    const { id } = await stage.show(4);
    await stage.hear('What is it?');
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.text).toBe('[by voice] What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(stage.session.history.items)).toEqual([['[by voice] What is it?', id]]);
  });

  test('an agent can edit the words after a preemptive request, which is then discarded', async () => {
    const stage = await liveStage(camera, { agent: new Editor({ instructions }) });
    const { id } = await stage.show(4);
    stage.hearMaybe('What is it?');
    await stage.model.asked(1);
    await stage.hear('What is it?');
    expect(stage.model.requests).toHaveLength(2);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(stage.session.history.items)).toEqual([['[by voice] What is it?', id]]);
  });

  /** Adds its own picture to each turn, as in the framework's recipe. */
  class Adder extends voice.Agent {
    readonly #picture: () => llm.ImageContent['image'];
    constructor(picture: () => llm.ImageContent['image']) {
      super({ instructions });
      this.#picture = picture;
    }
    override async onUserTurnCompleted(_: llm.ChatContext, message: llm.ChatMessage) {
      message.content.push(llm.createImageContent({ image: this.#picture(), id: 'own_9' }));
    }
  }
  const black = new VideoFrame(new Uint8Array(16 * 16 * 4), 16, 16, VideoBufferType.RGBA);

  test.each([
    ['a URL', () => 'https://a.test/9.png'],
    ['a frame', () => black],
  ])(
    'an agent can add its own picture, which is the only one in each request: %s',
    async (_, picture) => {
      const log = vi.spyOn(logOfFramework(), 'warn');
      const stage = await liveStage(camera, {
        agent: new Adder(picture),
        session: { turnHandling: { preemptiveGeneration: { enabled: false } } },
      });
      for (const words of ['one', 'two', 'three']) {
        await stage.show(4);
        await stage.hear(words);
      }
      expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
        [9],
        [9],
        [9],
      ]);
      expect(userTurns(stage.session.history.items)).toEqual([
        ['one', '[an earlier picture, no longer shown]'],
        ['two', '[an earlier picture, no longer shown]'],
        ['three', 9],
      ]);
      expect(stage.video.metrics().errors).toEqual({ 'own-picture': 3 });
      const lines = log.mock.calls.filter(
        ([fields]) => (fields as LogFields).cause === 'own-picture',
      );
      expect(lines).toHaveLength(1);
    },
  );

  test('an agent can add its own picture after a preemptive request, and each request has one picture', async () => {
    const stage = await liveStage(camera, { agent: new Adder(() => 'https://a.test/9.png') });
    const { id } = await stage.show(4);
    stage.hearMaybe('What is it?');
    await stage.model.asked(1);
    await stage.hear('What is it?');
    expect(userTurns(stage.session.history.items)).toEqual([['What is it?', 9]]);
    const next = await stage.show(5);
    await stage.type('And now?');
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [id],
      [next.id],
    ]);
  });

  /** Retrieved text that is added to the request of a turn, later than the turn's own message. */
  const addManual = (context: llm.ChatContext, { createdAt }: llm.ChatMessage) =>
    context.addMessage({
      role: 'user',
      content: 'From the manual: turn it off first.',
      createdAt: createdAt + 1,
    });

  test('an agent can add a message of the user role, which does not get the picture', async () => {
    class Retriever extends voice.Agent {
      override async onUserTurnCompleted(context: llm.ChatContext, message: llm.ChatMessage) {
        addManual(context, message);
      }
    }
    const stage = await liveStage(camera, {
      agent: new Retriever({
        instructions,
        tools: [llm.tool({ name: 'wait', description: 'Waits.', execute: () => moved() })],
      }),
    });
    // The camera goes on while the tool is called.
    const moved = async () => {
      await stage.show(6);
      return 'done';
    };
    const { id } = await stage.show(4);
    stage.model.replies.push({ call: 'wait' });
    await stage.hear('What is it?');
    const request = [['What is it?', id], ['From the manual: turn it off first.']];
    expect(stage.model.requests.map(userMessages)).toEqual([request, request]);
    expect(userTurns(stage.session.history.items)).toEqual([['What is it?', id]]);

    const next = await stage.show(5);
    await stage.hear('And now?');
    expect(userTurns(stage.session.history.items)).toEqual([
      ['What is it?', expect.stringMatching(/^\[a picture of the camera/)],
      ['And now?', next.id],
    ]);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 2, discarded: 0 });
  });

  test('an agent can keep an added message in its history, and the turn has its picture', async () => {
    class Keeper extends voice.Agent {
      override async onUserTurnCompleted(context: llm.ChatContext, message: llm.ChatMessage) {
        addManual(context, message);
        await this.updateChatCtx(context);
      }
    }
    const stage = await liveStage(camera, { agent: new Keeper({ instructions }) });
    const { id } = await stage.show(4);
    await stage.hear('What is it?');
    expect(userMessages(stage.model.last)).toEqual([
      ['What is it?', id],
      ['From the manual: turn it off first.'],
    ]);
  });

  test('an agent can refuse to answer, and the frame is not used up', async () => {
    let refuse = true;
    class Refuser extends voice.Agent {
      override async onUserTurnCompleted() {
        if (refuse) throw new voice.StopResponse();
      }
    }
    const stage = await liveStage(camera, { agent: new Refuser({ instructions }) });
    const { id } = await stage.show(4);
    await stage.endTurn('Hm.');
    refuse = false;
    await stage.hear('What is it?');
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(stage.session.history.items)).toEqual([['What is it?', id]]);
  });
});

describe('an agent with its own llmNode gets the picture in its context', () => {
  test('an agent class that overrides llmNode and calls the default gets the picture', async () => {
    const given: Given[] = [];
    class Own extends voice.Agent {
      override async llmNode(...[context, tools, settings]: Parameters<LlmNode>) {
        given.push({ pictures: countPictures(context), self: this });
        return voice.Agent.default.llmNode(this, context, tools, settings);
      }
    }
    const stage = await liveStage(camera, { agent: new Own({ instructions }) });
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(given).toEqual([{ pictures: 1, self: stage.agent }]);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('an agent class that overrides llmNode and calls no model gets the picture', async () => {
    const given: Given[] = [];
    class Own extends voice.Agent {
      override async llmNode(context: llm.ChatContext) {
        given.push({ pictures: countPictures(context), self: this });
        return new ReadableStream<string>({
          start(controller) {
            controller.enqueue('I answer myself.');
            controller.close();
          },
        });
      }
    }
    const stage = await liveStage(camera, { agent: new Own({ instructions }) });
    await stage.show(4);
    const answer = nextItem(stage.session, 'assistant');
    await stage.type('What is it?');
    expect((await answer).textContent).toBe('I answer myself.');
    expect(given).toEqual([{ pictures: 1, self: stage.agent }]);
    expect(stage.model.requests).toEqual([]);
  });

  test('an agent instance with its own llmNode gets the picture, and has the method back after close', async () => {
    const given: Given[] = [];
    const agent = new voice.Agent({ instructions });
    const own: LlmNode = async function (this: voice.Agent, context, tools, settings) {
      given.push({ pictures: countPictures(context), self: this });
      return voice.Agent.default.llmNode(agent, context, tools, settings);
    };
    agent.llmNode = own;
    const stage = await liveStage(camera, { agent });
    await stage.show(4);
    await stage.type('What is it?');
    expect(given).toEqual([{ pictures: 1, self: agent }]);
    expect(stage.model.last.pictures).toHaveLength(1);
    await stage.video.close();
    expect(agent.llmNode).toBe(own);
  });

  test('an agent of Agent.create with hooks gets the picture', async () => {
    const given: Given[] = [];
    const agent = voice.Agent.create({
      instructions,
      async *llmNode(hook, context) {
        given.push({ pictures: countPictures(context), self: hook.agent });
        yield 'I answer myself.';
      },
    });
    const stage = await liveStage(camera, { agent });
    await stage.show(4);
    const answer = nextItem(stage.session, 'assistant');
    await stage.type('What is it?');
    expect((await answer).textContent).toBe('I answer myself.');
    expect(given).toEqual([{ pictures: 1, self: agent }]);
  });

  test('an agent of Agent.create without hooks gets the picture', async () => {
    const stage = await liveStage(camera, { agent: voice.Agent.create({ instructions }) });
    const { id } = await stage.show(4);
    await stage.hear('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('an agent whose prototype changes while the session runs gets the picture', async () => {
    const given: Given[] = [];
    class Own extends voice.Agent {}
    const stage = await liveStage(camera, { agent: new Own({ instructions }) });
    Own.prototype.llmNode = async function (this: voice.Agent, context, tools, settings) {
      given.push({ pictures: countPictures(context), self: this });
      return voice.Agent.default.llmNode(this, context, tools, settings);
    };
    await stage.show(4);
    await stage.type('What is it?');
    expect(given).toEqual([{ pictures: 1, self: stage.agent }]);
  });
});

test('an llmNode that throws fails in the same way without Sightline', async () => {
  class Failing extends voice.Agent {
    override llmNode(): never {
      throw new Error('no idea');
    }
  }
  const stage = await liveStage(camera, { agent: new Failing({ instructions }) });
  await stage.show(4);
  const handle = stage.session.generateReply({ userInput: 'What is it?' });
  await handle.waitForPlayout();
  expect(stage.video.metrics().errors).toEqual({});
  expect(stage.model.requests).toEqual([]);
});

test('an llmNode that was set while the session runs stays after close', async () => {
  const stage = await liveStage(camera);
  const own: LlmNode = async (...args) => voice.Agent.default.llmNode(stage.agent, ...args);
  stage.agent.llmNode = own;
  await stage.video.close();
  expect(stage.agent.llmNode).toBe(own);
});

test('close removes everything of Sightline from every agent', async () => {
  const stage = await liveStage(camera);
  expect(Object.hasOwn(stage.agent, 'llmNode')).toBe(true);
  await stage.video.close();
  expect(Object.hasOwn(stage.agent, 'llmNode')).toBe(false);
  expect(stage.agent.llmNode).toBe(voice.Agent.prototype.llmNode);
});
