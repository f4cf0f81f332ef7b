import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createActor, type InspectionEvent } from 'xstate';
import { OptionError } from '../../src/index.ts';
import { createInspector } from '../../src/inspect/index.ts';
import { within } from '../../src/testing/waits.ts';
import { holding, lamp } from '../support/inspect.ts';
import { endInspection, inspector, onEnd, serve, viewerOf } from '../support/inspection.ts';

afterEach(endInspection);

function lit(inspect: (event: InspectionEvent) => void) {
  const actor = createActor(lamp, { inspect }).start();
  onEnd(() => actor.stop());
  return actor;
}

describe('what an agent sends', () => {
  test('an agent sends every actor, event and state, in order', async () => {
    const server = await serve();
    const { inspect, connected } = inspector({ port: server.port, token: server.token });
    await connected;
    const actor = lit(inspect);
    actor.send({ type: 'press' });
    actor.send({ type: 'press' });
    const viewer = await viewerOf(server, 'agent');
    await viewer.until('all states', () => viewer.valuesOf('lamp').length >= 3);
    expect(viewer.valuesOf('lamp').slice(-3)).toEqual(['off', 'on', 'off']);
    const names = viewer.events.flatMap(([, event]) =>
      event.type === '@xstate.actor' ? event.name : [],
    );
    expect(names).toEqual(['lamp', 'glow']);
  });

  test('a viewer who connects late gets the existing actors, spawned ones too', async () => {
    const server = await serve();
    const early = inspector({ url: server.agentUrl });
    const actor = lit(early.inspect);
    actor.send({ type: 'press' });
    expect(early.counts).toEqual({ sent: 0, dropped: 0 });
    await early.connected;
    expect(early.counts.sent).toBe(2);
    const viewer = await viewerOf(server, 'agent');
    await viewer.until('its actors', () => viewer.events.length >= 2);
    expect(viewer.valuesOf('lamp')).toEqual(['on']);
    expect(viewer.events[1]?.[1]).toMatchObject({ type: '@xstate.actor', name: 'glow' });
  });

  test('an agent sends metrics while a viewer is connected', async () => {
    const server = await serve();
    const agent = inspector({ url: server.agentUrl, metricsEveryMs: 5 });
    let reads = 0;
    agent.metrics(() => ({ reads: ++reads, apiKey: 'k' }));
    expect(reads).toBe(0);
    const viewer = await viewerOf(server, 'agent');
    await viewer.until('figures', () =>
      viewer.events.some(
        ([, event]) => event.type === '@sightline.metrics' && Number(event.metrics.reads) >= 2,
      ),
    );
    const told = viewer.events.map(([, event]) => event);
    expect(told.at(-1)).toMatchObject({ metrics: { apiKey: '[redacted]' } });
  });

  test.each([
    { pixels: true, asked: true, shown: 1 },
    { pixels: true, asked: false, shown: 0 },
    { pixels: false, asked: true, shown: 0 },
  ])(
    'a picture is sent only if both sides want it: $pixels, $asked',
    async ({ pixels, asked, shown }) => {
      const server = await serve({ pixels: asked });
      const agent = inspector({ url: server.agentUrl, pixels, metricsEveryMs: 5 });
      const viewer = await viewerOf(server, 'agent');
      // The metrics come after the welcome, which says whether pictures are wanted.
      agent.metrics(() => ({ n: 1 }));
      await viewer.until('the welcome', () => viewer.events.length > 0);
      const data = new Uint8Array([1, 2, 3]);
      agent.picture({ data, mimeType: 'image/jpeg', width: 4, height: 2, label: 'camera' });
      const seen = viewer.events.length;
      await viewer.until('what comes after', () => viewer.events.length > seen + 1);
      expect(viewer.pictures).toBe(shown);
    },
  );

  test("Stately's own inspector gets the messages that it knows, and no others", async () => {
    const stately = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onEnd(() => stately.close());
    await once(stately, 'listening');
    const { port } = stately.address() as AddressInfo;
    const types: string[] = [];
    const got = new Promise<void>((resolve) => {
      stately.on('connection', (socket) =>
        socket.on('message', (data) => {
          const { type, event } = JSON.parse(String(data));
          types.push(type);
          if (event?.type === 'press') resolve();
        }),
      );
    });
    const agent = inspector({ url: `ws://127.0.0.1:${port}`, metricsEveryMs: 1 });
    agent.metrics(() => ({ n: 1 }));
    await agent.connected;
    lit(agent.inspect).send({ type: 'press' });
    await within('event', got);
    expect(new Set(types)).toEqual(new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']));
  });

  test('events beyond the limit are dropped and counted, and then all actors are sent again', async () => {
    const server = await serve();
    const agent = inspector({ url: server.agentUrl, maxBufferedBytes: 50_000 });
    await agent.connected;
    const actor = createActor(holding({ text: 'x'.repeat(9000) }), {
      inspect: agent.inspect,
    }).start();
    onEnd(() => actor.stop());
    // Synchronous: nothing can be sent meanwhile.
    for (let count = 0; count < 500; count++) actor.send({ type: 'poke' });
    expect(agent.counts.dropped).toBeGreaterThan(100);
    const viewer = await viewerOf(server, 'agent');
    await viewer.until('what was not dropped', () => viewer.events.length > 0);
    const losses = () => viewer.events.filter(([, event]) => event.type === '@sightline.loss');
    const poking = setInterval(() => actor.send({ type: 'poke' }), 5);
    onEnd(() => clearInterval(poking));
    await viewer.until('the loss', () => losses().length > 0);
    const at = viewer.events.findIndex(([, event]) => event.type === '@sightline.loss');
    await viewer.until('the actors', () => viewer.events.length > at + 1);
    expect(viewer.events[at + 1]?.[1]).toMatchObject({ type: '@xstate.actor', name: 'holding' });
  });

  test.each([
    [{ url: 'http://127.0.0.1' }, 'inspect.url'],
    [{ port: 0, token: 't' }, 'inspect.port'],
    [{ port: 4747 }, 'inspect.token'],
    [{ port: 4747, token: 'a/b' }, 'inspect.token'],
    [{ maxBufferedBytes: 0 }, 'inspect.maxBufferedBytes'],
  ])('createInspector refuses %o', (options, option) => {
    expect(() => createInspector(options)).toThrow(OptionError);
    expect(() => createInspector(options)).toThrow(option);
  });
});

describe('no viewer', () => {
  test('an agent without a viewer reads, serializes and keeps nothing', async () => {
    const agent = inspector({});
    let reads = 0;
    const curious = {
      get value() {
        reads++;
        return 1;
      },
      toJSON: () => {
        reads++;
        return {};
      },
    };
    const actor = createActor(holding({ curious }), { inspect: agent.inspect }).start();
    for (let count = 0; count < 1000; count++) actor.send({ type: 'poke' });
    actor.stop();
    expect(reads).toBe(0);
    expect(agent.counts).toEqual({ sent: 0, dropped: 0 });
  });

  test('the cost of an event is printed', async () => {
    const server = await serve();
    const alone = inspector({});
    const watched = inspector({ url: server.agentUrl, maxBufferedBytes: 1e9 });
    await watched.connected;
    const run = (inspect?: (event: InspectionEvent) => void) => {
      const actor = createActor(lamp, inspect ? { inspect } : {}).start();
      const events = 2_000;
      const begin = performance.now();
      for (let count = 0; count < events; count++) actor.send({ type: 'press' });
      const us = ((performance.now() - begin) * 1000) / events;
      actor.stop();
      return us;
    };
    run();
    const ways = {
      none: run(),
      noop: run(() => {}),
      alone: run(alone.inspect),
      watched: run(watched.inspect),
    };
    const told = Object.entries(ways).map(([way, us]) => `${way} ${us.toFixed(2)} us`);
    console.log(`per event sent to a machine: ${told.join(', ')}`);
    expect(alone.counts.sent).toBe(0);
    expect(watched.counts.sent).toBeGreaterThan(4_000);
  });
});
