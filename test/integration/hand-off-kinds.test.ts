import { type llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { FakeGeminiLive } from '../../src/testing/fakes/gemini-live.ts';
import type { ReceivedFrame } from '../../src/testing/fakes/service-record.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { deferred } from '../../src/testing/simulated-clock.ts';
import { VoiceOnlyRealtime } from '../../src/testing/story/voice-only-realtime.ts';
import { until, WAIT_LIMIT_MS, within } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  liveStage,
  nextEvent,
  nextItem,
  shownIn,
} from '../support/loopback.ts';
import * as realtime from '../support/realtime-stage.ts';
import { INSTRUCTIONS } from '../support/realtime-stage.ts';

const camera = fileCamera();
/** Services of models that came with a hand-off. */
const fakes: FakeGeminiLive[] = [];
afterEach(async () => {
  realtime.endStages();
  await endStages();
  for (const fake of fakes.splice(0)) {
    await until('left', () => fake.connections.every(({ isOpen }) => !isOpen));
    await fake.close();
  }
});
afterAll(() => realtime.stagesEnded());

type Parts = Pick<realtime.RealtimeStage, 'session' | 'video'>;

/** Resolves when an agent with this model has taken over. */
async function handOff({ session }: Pick<Parts, 'session'>, llm: llm.LLM | llm.RealtimeModel) {
  const { ConversationItemAdded } = voice.AgentSessionEventTypes;
  const handedOff = new Promise<void>((resolve) => {
    const onItem = ({ item }: voice.ConversationItemAddedEvent) => {
      if (item.type !== 'agent_handoff') return;
      session.off(ConversationItemAdded, onItem);
      resolve();
    };
    session.on(ConversationItemAdded, onItem);
  });
  session.updateAgent(new voice.Agent({ id: 'second', instructions: INSTRUCTIONS, llm }));
  await within('hand-off', handedOff);
  await within('idle session', session.waitForIdle());
}

/** The user asks by text, and the agent answers. */
async function ask({ session }: Pick<Parts, 'session'>): Promise<void> {
  let speech: voice.SpeechHandle | undefined;
  // During a hand-off the framework refuses questions until the next agent has started.
  const isTaken = () => {
    try {
      speech = session.generateReply({ userInput: 'What is it?' });
    } catch {}
    return speech !== undefined;
  };
  await until('accepted as a question', isTaken);
  try {
    await within('answer', speech?.waitForPlayout() ?? Promise.resolve());
  } catch (error) {
    speech?.interrupt(true);
    throw error;
  }
}

/** A model of a fake Gemini, for a hand-off. */
async function realtimeModel() {
  const fake = new FakeGeminiLive();
  fakes.push(fake);
  const { baseUrl } = await fake.listen();
  const options = { apiKey: 'k', httpOptions: { baseUrl }, instructions: INSTRUCTIONS };
  return { fake, model: new google.realtime.RealtimeModel(options) };
}

/** The camera shows a level while the work is done. */
async function showing<T>(level: number, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => camera.show(level), 30);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

const lookAndShow = async ({ video }: Parts, level: number): Promise<number> => {
  const looked = video.look();
  camera.show(level);
  return (await looked).id;
};

describe('from a realtime model to a pipeline', () => {
  /** A realtime agent with video has handed off to one of a pipeline. */
  async function handedOffStage() {
    const stage = await realtime.geminiStage({
      video: {
        input: { sampler: realtime.never, lookTimeoutMs: WAIT_LIMIT_MS },
        // An answer that waits for this limit comes too late for `ask`.
        turn: { attachBudgetMs: WAIT_LIMIT_MS },
      },
    });
    await realtime.live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 3);
    const model = new RecordingLLM();
    await handOff(stage, model);
    return { stage, model };
  }

  test('each turn after a hand-off from a realtime model to a pipeline is answered once, and not only at the limit of its picture', async () => {
    const { stage, model } = await handedOffStage();
    await showing(4, async () => {
      await ask(stage);
      await ask(stage);
    });
    expect(model.requests).toHaveLength(2);
  });

  test('the first turn after a hand-off to a pipeline has the newest frame, as one of a pipeline has', async () => {
    const { stage, model } = await handedOffStage();
    const id = await lookAndShow(stage, 4);
    await ask(stage);
    expect(model.last.ownPictures.map(frameIdOf)).toEqual([id]);
    expect(await shownIn(model.last.ownPictures[0])).toMatchObject({ level: 4 });
  });
});

describe('from a pipeline to a realtime model', () => {
  test('each turn after a hand-off from a pipeline to a realtime model is answered', async () => {
    const stage = await liveStage(camera);
    const { fake, model } = await realtimeModel();
    await handOff(stage, model);
    await ask(stage);
    await ask(stage);
    expect(fake.violations).toEqual([]);
  });

  test('a realtime model gets the newest frame after a hand-off without a request for it', async () => {
    const stage = await liveStage(camera);
    await stage.show(4);
    const { fake, model } = await realtimeModel();
    const first = fake.nextFrame();
    await showing(4, async () => {
      await handOff(stage, model);
      await first;
    });
    expect(await realtime.levelOf(await first)).toBe(4);
  });
});

describe('from a pipeline to a model that takes no pictures', () => {
  /** What the agent says after a hand-off to a realtime model without video. */
  async function saidByVoiceOnlyModel({ session }: Pick<Parts, 'session'>) {
    await handOff({ session }, new VoiceOnlyRealtime());
    const said = nextItem(session, 'assistant');
    await ask({ session });
    return (await within('answer', said)).textContent;
  }

  test('an agent without video goes on after a hand-off to a realtime model without video', async () => {
    const session = new voice.AgentSession({ llm: new RecordingLLM() });
    await session.start({ agent: new voice.Agent({ instructions: 'You hear.' }) });
    expect(await saidByVoiceOnlyModel({ session })).toBe('I hear you.');
    await session.close();
  });

  test('an agent goes on without pictures after a hand-off to a realtime model without video', async () => {
    const stage = await liveStage(camera);
    expect(await saidByVoiceOnlyModel(stage)).toBe('I hear you.');
  });

  test('an error event names the realtime model without video after a hand-off to it', async () => {
    const stage = await liveStage(camera);
    const reported = nextEvent(stage.video, 'error');
    await handOff(stage, new VoiceOnlyRealtime());
    expect((await within('error', reported)).message).toMatch(/test\.VoiceOnlyRealtime/);
  });

  test('a model that takes text only gets no pictures after a hand-off to it', async () => {
    const stage = await liveStage(camera);
    const model = new RecordingLLM('gpt-3.5-turbo');
    await handOff(stage, model);
    await stage.show(3);
    await ask(stage);
    expect(model.requests).toHaveLength(1);
    expect(model.last.pictures).toHaveLength(0);
  });
});

describe('a task whose model is of another kind', () => {
  class Check extends voice.AgentTask<string> {
    constructor(model: llm.LLM | llm.RealtimeModel) {
      super({ instructions: 'Ask whether this is fine.', llm: model });
    }
  }

  /** An agent that runs the task as soon as it is active; `done` is the task's result. */
  function agentWith(task: Check) {
    const { promise: done, resolve } = deferred<string>();
    class Careful extends voice.Agent {
      override async onEnter(): Promise<void> {
        resolve(await task.run());
      }
    }
    return { agent: new Careful({ id: 'careful', instructions: INSTRUCTIONS }), done };
  }

  test('a turn in a task of a pipeline has the newest frame, and the realtime agent after it gets one too', async () => {
    const stage = await realtime.geminiStage({
      video: { input: { sampler: realtime.never, lookTimeoutMs: WAIT_LIMIT_MS } },
    });
    await realtime.live(stage);
    await stage.watch(camera);
    await stage.shown(camera, 3);
    const model = new RecordingLLM();
    const task = new Check(model);
    const { agent, done } = agentWith(task);
    stage.session.updateAgent(agent);
    await until('the task', () => stage.session.currentAgent === task);
    await within('idle session', stage.session.waitForIdle());
    const id = await lookAndShow(stage, 4);
    await ask(stage);
    expect(model.last.ownPictures.map(frameIdOf)).toEqual([id]);

    await lookAndShow(stage, 5);
    const sent = stage.next('sample.sent');
    task.complete('yes');
    expect(await within('result', done)).toBe('yes');
    await sent;
    // All that was sent before the question has arrived by its answer.
    await ask(stage);
    const newest = stage.fake.frames.at(-1) as ReceivedFrame;
    expect(await realtime.levelOf(newest)).toBe(5);
    expect(model.requests).toHaveLength(1);
  });

  test('a task of a realtime model gets the newest frame, and the turn of a pipeline after it has one too', async () => {
    const stage = await liveStage(camera);
    await stage.show(4);
    const { fake, model } = await realtimeModel();
    const task = new Check(model);
    const { agent, done } = agentWith(task);
    const sent = fake.nextFrame();
    await showing(4, async () => {
      stage.session.updateAgent(agent);
      await within('frame', sent);
    });
    expect(await realtime.levelOf(await sent)).toBe(4);
    await ask(stage);
    expect(stage.model.requests).toHaveLength(0);

    task.complete('yes');
    expect(await within('result', done)).toBe('yes');
    await until('the agent', () => stage.session.currentAgent === agent);
    await within('idle session', stage.session.waitForIdle());
    const { id } = await stage.show(6);
    await ask(stage);
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
    expect(fake.violations).toEqual([]);
  });
});
