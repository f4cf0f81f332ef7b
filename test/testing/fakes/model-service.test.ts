import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeGeminiLive } from '../../../src/testing/fakes/gemini-live.ts';
import { FakeOpenAIRealtime } from '../../../src/testing/fakes/openai-realtime.ts';
import { RawClient } from '../../support/fakes/raw-client.ts';
import { bigJpeg } from '../../support/sample-pictures.ts';

const SETUP = { setup: { model: 'models/gemini-3.1-flash-live-preview' } };

let service: FakeGeminiLive;
let url: string;

beforeEach(async () => {
  service = new FakeGeminiLive();
  const { url: origin } = await service.listen();
  url = `${origin}/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k`;
});

afterEach(() => service.close());

async function readyClient(): Promise<RawClient> {
  const client = await RawClient.connect(url);
  client.send(SETUP);
  await client.got('setupComplete');
  return client;
}

describe('refused connections', () => {
  it('refused connections get an HTTP status until connections are accepted again', async () => {
    service.refuseConnections({ status: 503 });
    await expect(RawClient.connect(url)).rejects.toThrow('503');
    service.refuseConnections({ status: 429, body: '{}' });
    await expect(RawClient.connect(url)).rejects.toThrow('429');
    await service.acceptConnections();
    await expect(RawClient.connect(url)).resolves.toBeDefined();
    expect(service.connections).toHaveLength(1);
  });

  it('refused TCP connections find a closed port, and the open one goes on', async () => {
    const client = await readyClient();
    service.refuseConnections('tcp');
    await expect(RawClient.connect(url)).rejects.toThrow('ECONNREFUSED');
    const message = service.nextMessage(({ realtimeInput }) => realtimeInput !== undefined);
    client.send({ realtimeInput: { text: 'still here' } });
    await message;
    await service.acceptConnections();
    await readyClient();
    expect(service.connections.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  });

  it('a service that refuses TCP connections many times causes no warning of Node.js', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    for (let time = 0; time < 12; time++) {
      service.refuseConnections('tcp');
      await service.acceptConnections();
    }
    await new Promise(setImmediate);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('connections to another path are refused', async () => {
    await expect(RawClient.connect(url.replace('v1beta', 'v7'))).rejects.toThrow('404');
  });
});

describe('the end of a connection', () => {
  it.each([1000, 1008, 1011, 4321])(
    'a connection ends with the code %i that the service sends',
    async (code) => {
      const client = await readyClient();
      service.closeConnection(code, 'for a reason');
      expect(await client.closed).toEqual({ code, reason: 'for a reason' });
      expect(await service.connections[0]?.closed).toMatchObject({ code, by: 'service' });
    },
  );

  it.each([1005, 1006])(
    'a connection ends with the code %i without a close frame',
    async (code) => {
      const client = await readyClient();
      service.closeConnection(code);
      expect(await client.closed).toMatchObject({ code });
    },
  );

  it('a fake service answers an empty close with 1000', async () => {
    const client = await readyClient();
    client.socket.close();
    expect(await client.closed).toMatchObject({ code: 1000 });
    expect(await service.connections[0]?.closed).toMatchObject({ code: 1000, by: 'client' });
    expect(() => service.connection).toThrow('no connection is open');
  });
});

describe('a service that does not read', () => {
  it('a fake service that does not read lets the bytes pile up at the client, and takes them later', async () => {
    const client = await readyClient();
    const data = (await bigJpeg(400_000)).toString('base64');
    service.pauseReading();
    for (let sent = 0; sent < 20; sent += 1) {
      client.send({ realtimeInput: { video: { mimeType: 'image/jpeg', data } } });
    }
    expect(client.socket.bufferedAmount).toBeGreaterThan(1_000_000);
    expect(service.frames).toHaveLength(0);
    service.resumeReading();
    await service.until(() => service.frames.length === 20, '20 frames');
    expect(client.socket.bufferedAmount).toBe(0);
  });
});

describe('the log', () => {
  it('the log of a fake service shortens long texts, and counts audio', async () => {
    const client = await readyClient();
    const frame = service.nextFrame();
    const jpeg = await bigJpeg(5000);
    const video = { mimeType: 'image/jpeg', data: jpeg.toString('base64') };
    client.send({ realtimeInput: { audio: { mimeType: 'audio/pcm', data: 'AAAA'.repeat(4) } } });
    client.send({ realtimeInput: { video } });
    expect(await frame).toMatchObject({
      connection: 1,
      mimeType: 'image/jpeg',
      width: 64,
      height: 48,
      bytes: jpeg.length,
      data: jpeg,
      via: 'realtimeInput',
    });
    expect(service.audio).toEqual({ chunks: 1, bytes: 12 });
    expect(JSON.stringify(service.messages)).toContain(`… (${video.data.length} characters)`);
    expect(service.messages.map(({ message }) => Object.keys(message))).toEqual([
      ['setup'],
      ['realtimeInput'],
    ]);
  });
});

describe('closing', () => {
  it('closing a fake service ends waiting calls, a delayed setup, a delayed handshake and a paused connection', async () => {
    const openai = new FakeOpenAIRealtime();
    const { url: origin } = await openai.listen();
    openai.setup.hold();
    const headers = { Authorization: 'Bearer k' };
    const handshake = RawClient.connect(`${origin}/v1/realtime?model=gpt-realtime`, headers);
    const client = await readyClient();
    service.setup.delayMs = 3_600_000;
    const waiting = await RawClient.connect(url);
    const isAsked = service.nextMessage();
    waiting.send(SETUP);
    await isAsked;
    service.pauseReading();
    const frame = service.nextFrame();
    await Promise.all([service.close(), openai.close()]);
    await expect(frame).rejects.toThrow('the fake service was closed');
    await expect(handshake).rejects.toThrow();
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(await waiting.closed).toMatchObject({ code: 1006 });
    expect(waiting.received).toEqual([]);
  });
});
