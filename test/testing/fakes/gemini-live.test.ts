import { llm, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeGeminiLive } from '../../../src/testing/fakes/gemini-live.ts';
import type { JsonObject } from '../../../src/testing/fakes/json.ts';
import {
  end,
  geminiSession,
  nextEvent,
  realtimeSession,
  saidIn,
  startSession,
  untilSaid,
} from '../../support/fakes/agent-session.ts';
import { bigJpeg, picture } from '../../support/sample-pictures.ts';

const { AgentStateChanged, Close, UserStateChanged } = voice.AgentSessionEventTypes;

/** The end of a session takes half a second; the next test can run meanwhile. */
const endings: Promise<void>[] = [];

let service: FakeGeminiLive;
let session: voice.AgentSession;
let jpeg: Buffer;
let finishLook: (seen: string) => void;
let look: llm.ToolContextEntry;

beforeEach(async () => {
  service = new FakeGeminiLive({ apiKey: 'k' });
  jpeg = await picture('jpeg', 320, 240);
  const seen = new Promise<string>((resolve) => {
    finishLook = resolve;
  });
  look = llm.tool({
    name: 'look',
    description: 'Looks.',
    parameters: z.object({}),
    execute: () => seen,
  });
});

afterEach(() => {
  endings.push(end(session, service));
});

afterAll(() => Promise.all(endings));

/** A session with instructions and tools from the start connects once. */
async function start(options: { tools?: llm.ToolContextEntry[]; isReady?: boolean } = {}) {
  const { tools = [], isReady = true } = options;
  const { baseUrl } = await service.listen();
  const model = new google.realtime.RealtimeModel({
    apiKey: 'k',
    httpOptions: { baseUrl },
    instructions: 'You see.',
  });
  session = await startSession(model, { tools });
  if (isReady) await connected(tools.length);
}

/** The plugin can send: it has a session with this many tools. */
async function connected(tools = 0): Promise<void> {
  await service.until(() => {
    const newest = service.connections.at(-1);
    return newest?.handle !== undefined && newest.isOpen && newest.toolNames.length === tools;
  }, 'a connected plugin');
  await service.connection.reaction();
}

function push(data: Buffer = jpeg): void {
  const video = { mimeType: 'image/jpeg', data: data.toString('base64') };
  geminiSession(session).activeSession?.sendRealtimeInput({ video });
}

describe('the unmodified Google plugin', () => {
  it('the Google plugin connects and gets an answer', async () => {
    await start();
    await session.generateReply({ userInput: 'What do you see?' }).waitForPlayout();
    expect(saidIn(session)).toEqual(['user: What do you see?', 'assistant: I see it.']);
    expect(service.connections).toHaveLength(1);
    expect(service.connection.setup).toMatchObject({
      systemInstruction: {},
      sessionResumption: {},
    });
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin sends pictures, which the fake model sees while the user speaks', async () => {
    await start();
    service.reply = ({ frames, text }) => `${text.split('\n')[0]} ${frames.at(-1)?.width} pixels`;
    const frame = service.nextFrame();
    service.speechStarted();
    push();
    expect(await frame).toMatchObject({ width: 320, height: 240, data: jpeg, connection: 1 });
    await service.hear('How big?');
    await untilSaid(session, 'assistant: How big? 320 pixels');
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin passes instructions on', async () => {
    await start();
    service.reply = ({ instructions }) => instructions.toUpperCase();
    await session.generateReply({ instructions: 'say hello' }).waitForPlayout();
    expect(saidIn(session)).toEqual(['assistant: SAY HELLO']);
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin connects a second time with tools', async () => {
    await start({ tools: [look] });
    expect(service.connections.map(({ toolNames }) => toolNames)).toEqual([[], ['look']]);
    expect(service.connections[0]?.end).toEqual({ code: 1000, reason: '', by: 'client' });
  });

  it('the Google plugin cannot send before setupComplete', async () => {
    const release = service.setup.hold();
    await start({ isReady: false });
    await service.until(() => service.connections[0]?.setup !== undefined, 'a setup');
    expect(geminiSession(session).activeSession).toBeUndefined();
    release();
    await connected();
    push();
    await service.until(() => service.frames.length === 1, 'a frame');
  });

  it('the Google plugin gets an answer to speech, and an interrupted one', async () => {
    await start();
    service.reply = () => ({ text: 'A long story', hold: true });
    const speaking = nextEvent(session, AgentStateChanged);
    await service.hear('Tell me');
    expect(await speaking).toMatchObject({ newState: 'speaking' });
    const listening = nextEvent(session, AgentStateChanged);
    expect(service.interrupt()).toBe(true);
    expect(await listening).toMatchObject({ newState: 'listening' });
    await untilSaid(session, 'user: Tell me', 'assistant: A long story');
  });

  it('the Google plugin takes the turn of the model for the speech of the user', async () => {
    await start();
    const speaking = nextEvent(session, UserStateChanged);
    service.say({ text: 'Hello', hold: true });
    expect(await speaking).toMatchObject({ newState: 'speaking' });
    const listening = nextEvent(session, UserStateChanged);
    service.finishReply();
    expect(await listening).toMatchObject({ newState: 'listening' });
  });

  it('the Google plugin blocks input while a tool runs', async () => {
    await start({ tools: [look] });
    service.reply = ({ cause, text }) => `${cause}: ${text}`;
    const response = service.callTool('look');
    await service.connection.reaction();
    expect(geminiSession(session).shouldBlockRealtimeInputForPendingTools()).toBe(true);
    finishLook('a cat');
    const output = JSON.stringify('a cat');
    expect(await response).toEqual({ output });
    await service.connection.reaction();
    expect(geminiSession(session).shouldBlockRealtimeInputForPendingTools()).toBe(false);
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin runs a tool that the model calls, and sends the result', async () => {
    await start({ tools: [look] });
    service.reply = ({ cause, text }) => {
      return cause === 'tools' ? `I see ${text}` : { toolCalls: [{ name: 'look' }] };
    };
    finishLook('a cat');
    session.generateReply({ userInput: 'Look!' });
    const output = JSON.stringify([{ output: JSON.stringify('a cat') }]);
    await untilSaid(session, `assistant: I see ${output}`);
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin ends its session if a picture is sent while a tool runs', async () => {
    await start({ tools: [look] });
    void service.callTool('look');
    await service.connection.reaction();
    const closed = nextEvent(session, Close);
    push();
    expect(await service.nextViolation()).toMatch(/realtime_input.video while look/);
    finishLook('a cat');
    expect(await closed).toMatchObject({ reason: 'error' });
  });
});

describe('the end of a connection', () => {
  it('the Google plugin resumes with its handle after goAway, and cannot send meanwhile', async () => {
    await start();
    const handle = service.connection.handle;
    const release = service.setup.hold();
    const next = service.nextConnection();
    service.goAway();
    await next;
    expect(geminiSession(session).activeSession).toBeUndefined();
    release();
    await connected();
    push();
    await service.until(() => service.frames.length === 1, 'a frame');
    expect(service.connection.resumedFrom).toBe(handle);
    expect(service.connections[0]?.end).toMatchObject({ code: 1000, by: 'client' });
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin does not notice a close with 1000, and its messages are lost', async () => {
    await start();
    const socket = geminiSession(session).activeSession?.conn.ws;
    const closed = new Promise((resolve) => socket?.once('close', resolve));
    service.closeConnection(1000);
    await closed;
    expect(geminiSession(session).activeSession?.conn.ws.readyState).toBe(3);
    expect(() => push()).not.toThrow();
    expect(service.connections).toHaveLength(1);
    expect(service.frames).toEqual([]);
  });

  it.each([1005, 1006, 1011])(
    'the Google plugin ends its session after a close with %i',
    async (code) => {
      await start();
      const closed = nextEvent(session, Close);
      service.closeConnection(code);
      expect(await closed).toMatchObject({ reason: 'error' });
      expect(service.connections).toHaveLength(1);
    },
  );

  it.each([{ status: 503 }, 'tcp'] as const)(
    'the Google plugin ends its session if the first connection fails: %o',
    async (refusal) => {
      const { baseUrl } = await service.listen();
      service.refuseConnections(refusal);
      const httpOptions = { baseUrl };
      session = await startSession(new google.realtime.RealtimeModel({ apiKey: 'k', httpOptions }));
      expect(await nextEvent(session, Close)).toMatchObject({ reason: 'error' });
      expect(service.connections).toEqual([]);
    },
  );

  it('the Google plugin reconnects for other tools, and for an agent with other tools', async () => {
    await start({ tools: [look] });
    const realtime = realtimeSession(session);
    await session.currentAgent.updateTools([]);
    await connected();
    expect(realtimeSession(session)).toBe(realtime);
    const next = service.nextConnection();
    session.updateAgent(new voice.Agent({ instructions: 'You look.', tools: [look] }));
    await next;
    await service.until(() => service.connection.toolNames.length === 1, 'the tools');
    expect(realtimeSession(session)).not.toBe(realtime);
    expect(service.violations).toEqual([]);
  });

  it('the Google plugin keeps its connection for an agent with the same tools', async () => {
    await start({ tools: [look] });
    const realtime = realtimeSession(session);
    const told = service.nextMessage((message) => textIn(message).includes('You look.'));
    session.updateAgent(new voice.Agent({ instructions: 'You look.', tools: [look] }));
    await told;
    expect(realtimeSession(session)).toBe(realtime);
    expect(service.connections).toHaveLength(2);
  });
});

describe('a service that does not read', () => {
  it('the Google plugin buffers pictures if the service does not read', async () => {
    await start();
    const big = await bigJpeg(400_000);
    const buffered = () => geminiSession(session).activeSession?.conn.ws.bufferedAmount;
    service.pauseReading();
    for (let sent = 0; sent < 20; sent += 1) push(big);
    expect(buffered()).toBeGreaterThan(1_000_000);
    service.resumeReading();
    await service.until(() => service.frames.length === 20, '20 frames');
    expect(buffered()).toBe(0);
    expect(service.violations).toEqual([]);
  });
});

const textIn = (message: JsonObject) => JSON.stringify(message);
