import { llm, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import {
  end,
  nextEvent,
  realtimeSession,
  saidIn,
  startSession,
  untilSaid,
} from '../../support/fakes/agent-session.ts';
import { bigJpeg, picture } from '../../support/sample-pictures.ts';

const { AgentStateChanged, Error: ErrorEvent } = voice.AgentSessionEventTypes;

/** The end of a session takes half a second; the next test can run meanwhile. */
const endings: Promise<void>[] = [];

let service: FakeOpenAIRealtime;
let session: voice.AgentSession;
let jpeg: Buffer;

const look = llm.tool({
  name: 'look',
  description: 'Looks.',
  parameters: z.object({}),
  execute: async () => 'a cat',
});

beforeEach(async () => {
  service = new FakeOpenAIRealtime({ apiKey: 'k' });
  jpeg = await picture('jpeg', 320, 240);
  const { baseUrl } = await service.listen();
  const model = new openai.realtime.RealtimeModel({ apiKey: 'k', baseURL: baseUrl });
  session = await startSession(model, { tools: [look] });
  await hasTools();
});

afterEach(() => {
  endings.push(end(session, service));
});

afterAll(() => Promise.all(endings));

/** The plugin has sent all that it sends after a connection. */
async function hasTools(): Promise<void> {
  await service.until(() => {
    const { tools } = service.connections.at(-1)?.session ?? {};
    return Array.isArray(tools) && tools.length === 1;
  }, 'tools');
}

const realtime = () => realtimeSession(session) as openai.realtime.RealtimeSession;

function push(id: string, data: Buffer = jpeg, mimeType = 'image/jpeg'): void {
  realtime().sendEvent({
    type: 'conversation.item.create',
    event_id: `create_${id}`,
    item: {
      id,
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_image', image_url: `data:${mimeType};base64,${data.toString('base64')}` },
      ],
    },
  });
}

async function pushed(id: string): Promise<void> {
  const frame = service.nextFrame(({ itemId }) => itemId === id);
  push(id);
  await frame;
  await service.connection.reaction();
}

const isOf = (type: string) => (event: JsonObject) => event.type === type;
const picturesSeen = () => service.pictures.map(({ itemId }) => itemId);

describe('the unmodified OpenAI plugin', () => {
  it('the OpenAI plugin connects and gets an answer', async () => {
    await session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(saidIn(session)).toEqual(['user: What do you see?', 'assistant: I see it.']);
    expect(service.connection.session).toMatchObject({ instructions: 'You see.' });
    expect(service.violations).toEqual([]);
  });

  it('the OpenAI plugin sends pictures, which the fake model has until they are deleted', async () => {
    service.reply = ({ frames }) => frames.map(({ width }) => `${width} wide`).join();
    await pushed('frame_1');
    expect(service.frames).toMatchObject([{ width: 320, height: 240, data: jpeg, connection: 1 }]);
    expect(realtime().chatCtx.getById('frame_1')).toBeDefined();
    await session.generateReply({ userInput: 'How big?' }).waitForPlayout();
    expect(saidIn(session).at(-1)).toBe('assistant: 320 wide');
    const deleted = service.nextMessage(isOf('conversation.item.delete'));
    realtime().sendEvent({ type: 'conversation.item.delete', item_id: 'frame_1' });
    await deleted;
    await service.connection.reaction();
    expect(service.pictures).toEqual([]);
    expect(realtime().chatCtx.getById('frame_1')).toBeUndefined();
    expect(service.violations).toEqual([]);
  });

  it('the OpenAI plugin gets the refusals of the service', async () => {
    const told = nextEvent(session, ErrorEvent);
    push('frame_1', jpeg, 'image/png');
    expect(await told).toMatchObject({ error: { recoverable: true } });
    expect(service.violations).toEqual([expect.stringMatching(/MIME type is image\/png/)]);
  });

  it('the OpenAI plugin runs a tool, and answers with its result', async () => {
    service.reply = ({ cause, text }) => {
      return cause === 'tools' ? `I see ${text}` : { toolCalls: [{ name: 'look' }] };
    };
    const speaking = new Promise<void>((resolve) => {
      session.on(AgentStateChanged, ({ newState }) => {
        if (newState === 'speaking') resolve();
      });
    });
    session.generateReply({ userInput: 'Look!' });
    await speaking;
    expect(service.conversation.map(({ type }) => type)).toEqual([
      'message',
      'function_call',
      'function_call_output',
      'message',
    ]);
    expect(service.violations).toEqual([]);
  });

  it('the OpenAI plugin gets an answer to speech, which more speech interrupts', async () => {
    service.reply = ({ text }) => ({ text: `You said ${text}`, hold: true });
    const speaking = nextEvent(session, AgentStateChanged);
    await service.hear('one');
    expect(await speaking).toMatchObject({ newState: 'speaking' });
    const listening = nextEvent(session, AgentStateChanged);
    await service.hear('two');
    expect(await listening).toMatchObject({ newState: 'listening' });
    await untilSaid(session, 'assistant: You said one', 'user: two');
    expect(service.violations).toEqual([]);
  });
});

describe('a hand-off', () => {
  it('the OpenAI plugin keeps its connection in a hand-off, and deletes every picture', async () => {
    const before = realtime();
    await pushed('frame_1');
    await session.generateReply({ userInput: 'What is it?' }).waitForPlayout();
    session.updateAgent(new voice.Agent({ instructions: 'You look.' }));
    await service.until(() => service.conversation.length === 0, 'an empty conversation');
    await service.nextMessage(({ session: update }) => JSON.stringify(update).includes('"tools"'));
    expect(realtime()).toBe(before);
    expect(service.connections).toHaveLength(1);
    expect(service.violations).toEqual([]);
  });
});

describe('the end of a connection', () => {
  it.each([1000, 1011])(
    'the OpenAI plugin reconnects after %i, and sends the pictures again',
    async (code) => {
      await pushed('frame_1');
      const next = service.nextConnection();
      service.closeConnection(code);
      await next;
      await service.until(() => picturesSeen().length === 1, 'the picture again');
      await hasTools();
      await service.connection.reaction();
      // The first event after a reconnect is lost, however late it comes.
      push('frame_2');
      await pushed('frame_3');
      expect(picturesSeen()).toEqual(['frame_1', 'frame_3']);
      expect(service.frames.map(({ connection }) => connection)).toEqual([1, 2, 2]);
      expect(service.violations).toEqual([]);
    },
  );

  it('the OpenAI plugin keeps its connection after the end of the session until the next event', async () => {
    const before = realtime();
    const { connection } = service;
    await session.close();
    await connection.reaction();
    expect(connection.isOpen).toBe(true);
    before.sendEvent({ type: 'input_audio_buffer.clear' });
    expect(await connection.closed).toMatchObject({ code: 1000, by: 'client' });
  });
});

describe('a service that does not read', () => {
  it('the OpenAI plugin sends the pictures later and in order if the service does not read', async () => {
    const big = await bigJpeg(400_000);
    const ids = Array.from({ length: 20 }, (_, index) => `frame_${index}`);
    service.pauseReading();
    for (const id of ids) push(id, big);
    service.resumeReading();
    await service.until(() => service.frames.length === 20, '20 frames');
    expect(picturesSeen()).toEqual(ids);
    expect(service.violations).toEqual([]);
  });
});
