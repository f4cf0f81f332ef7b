import { llm, voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { USER } from '../../src/testing/identities.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  nextItem,
  type Stage,
  setStage,
  userTurns,
} from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** An agent whose tool waits for the test. */
function agentWithTool(name: string, execute: () => Promise<unknown>): voice.Agent {
  const tools = [llm.tool({ name, description: 'A tool of the test.', execute })];
  return new voice.Agent({ instructions: 'Use the tool.', tools });
}

describe('a greeting has no picture', () => {
  class Greeter extends voice.Agent {
    override async onEnter(): Promise<void> {
      await this.session.generateReply({ instructions: 'Say hello.' }).waitForPlayout();
    }
  }

  async function greeted(agent: voice.Agent): Promise<Stage> {
    const stage = setStage(camera, { agent });
    const greeting = nextItem(stage.session, 'assistant');
    await stage.start();
    await greeting;
    return stage;
  }

  test('a greeting at the start has no picture', async () => {
    const stage = await greeted(new Greeter({ instructions: 'You greet.' }));
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.video.metrics().turns).toMatchObject({ attached: 0, 'nothing-to-attach': 0 });
    await stage.cameraOn();
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('a greeting after a restored conversation that ends with a question has no picture', async () => {
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: 'Are you there?' });
    const stage = await liveStage(camera, {
      agent: new voice.Agent({ instructions: 'You greet.', chatCtx }),
    });
    const { id } = await stage.show(4);
    await stage.session.generateReply({ instructions: 'Say hello again.' }).waitForPlayout();
    expect(stage.model.last.text).toBe('Are you there?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(userTurns([...stage.agent.chatCtx.items])).toEqual([['Are you there?']]);
    // Its frame was not used up.
    await stage.type('What is it?');
    expect(stage.model.last.ownPictures.map(frameIdOf)).toEqual([id]);
  });

  test('a greeting during the conversation has no picture, and the last turn keeps its own', async () => {
    const stage = await liveStage(camera);
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    const newer = await stage.show(5);
    await stage.session.generateReply({ instructions: 'Ask for more.' }).waitForPlayout();
    expect(stage.model.requests).toHaveLength(2);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect((await stage.video.latestFrame())?.id).toBe(newer.id);
    expect(stage.video.metrics().turns.attached).toBe(1);
  });
});

describe('the answer to a tool', () => {
  test.each([
    ['a typed turn', (stage: Stage) => stage.type('How warm is it?')],
    ['a spoken turn', (stage: Stage) => stage.hear('How warm is it?')],
    [
      'a turn with a preemptive request',
      async (stage: Stage) => {
        stage.hearMaybe('How warm is it?');
        await stage.model.asked(1);
        await stage.hear('How warm is it?');
      },
    ],
  ])('the answer to a tool has the picture of %s, and no newer one', async (_, take) => {
    let newer: number | undefined;
    const stage = await liveStage(camera, {
      agent: agentWithTool('thermometer', async () => {
        newer = (await stage.show(6)).id;
        return '21 degrees';
      }),
    });
    const { id } = await stage.show(4);
    stage.model.replies.push({ call: 'thermometer' });
    await take(stage);
    expect(stage.model.requests).toHaveLength(2);
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [id],
      [id],
    ]);
    expect(stage.model.last.ownPictures).toHaveLength(1);
    expect(newer).toBeGreaterThan(id);
    expect((await stage.video.latestFrame())?.id).toBe(newer);
    expect(userTurns(stage.session.history.items)).toEqual([['How warm is it?', id]]);
  });
});

describe('the answers to two tools, one after the other', () => {
  const wait = () => agentWithTool('wait', async () => 'done');

  test('the answers to two tools in a row have the picture of the turn with keepPictures 0, and the next turn has only its own', async () => {
    const stage = await liveStage(camera, {
      agent: wait(),
      video: { turn: { keepPictures: 0 } },
    });
    const { id } = await stage.show(4);
    stage.model.replies.push({ call: 'wait' }, { call: 'wait' });
    await stage.hear('What is it?');
    await stage.model.asked(3);
    const next = await stage.show(5);
    await stage.type('And now?');
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      [id],
      [id],
      [id],
      [next.id],
    ]);
  });

  test('the answers to two tools in a row have all pictures of a turn that shows motion', async () => {
    const stage = await liveStage(camera, {
      agent: wait(),
      video: { turn: { pictures: 3 } },
    });
    const ids: number[] = [];
    for (const level of [2, 5]) {
      ids.push((await stage.show(level)).id);
      const kept = nextEvent(stage.video, 'motion.kept');
      if (level === 2) stage.room.speaking(USER);
      await kept;
    }
    stage.room.speaking();
    ids.push((await stage.show(8)).id);
    stage.model.replies.push({ call: 'wait' }, { call: 'wait' });
    await stage.type('What did I do?');
    const next = await stage.show(5);
    await stage.type('And now?');
    expect(stage.model.requests.map(({ pictures }) => pictures.map(frameIdOf))).toEqual([
      ids,
      ids,
      ids,
      [next.id],
    ]);
  });
});

describe('words that got no answer of their own', () => {
  test('a message without its own answer has its picture in the request that answers it later', async () => {
    const stage = await liveStage(camera);
    const committed = nextItem(stage.session, 'user');
    await stage.endTurn('What is it?', { skipReply: true });
    await committed;
    const { id } = await stage.show(4);
    await stage.session.generateReply().waitForPlayout();
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.text).toBe('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(userTurns(stage.session.history.items)).toEqual([['What is it?', id]]);
  });
});

describe('an answer that is interrupted', () => {
  test('an interrupted answer leaves its picture in the history, and the next turn has its own', async () => {
    const stage = await liveStage(camera);
    const { id } = await stage.show(4);
    const { model, session } = stage;
    model.replies.push(() => new Promise(() => {}));
    session.generateReply({ userInput: 'one' });
    await model.asked(1);
    const next = await stage.show(5);
    await stage.type('two');
    expect(model.requests).toHaveLength(2);
    expect(model.last.pictures.map(frameIdOf)).toEqual([next.id]);
    expect(userTurns(session.history.items)).toEqual([
      ['one', expect.stringMatching(/^\[a picture of the camera/)],
      ['two', next.id],
    ]);
    expect(id).toBeLessThan(next.id);
  });
});
