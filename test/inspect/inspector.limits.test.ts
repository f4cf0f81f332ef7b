import { afterEach, expect, test } from 'vitest';
import { createActor, createMachine, type InspectionEvent } from 'xstate';
import { Inspection } from '../../src/inspect/inspection.ts';
import type { WireEvent } from '../../src/inspect/wire.ts';
import { holding, lamp, type TestViewer } from '../support/inspect.ts';
import { endInspection, inspector, onEnd, serve, viewerOf } from '../support/inspection.ts';

afterEach(endInspection);

const metricsIn = (viewer: TestViewer) =>
  viewer.events.flatMap(([, event]: [number, WireEvent]) =>
    event.type === '@sightline.metrics' ? event.metrics : [],
  );

test('an agent that closes its inspector sends its final figures', async () => {
  const server = await serve();
  const agent = inspector({ url: server.agentUrl, metricsEveryMs: 60_000 });
  let turns = 0;
  agent.metrics(() => ({ turns: ++turns }));
  const viewer = await viewerOf(server);
  await viewer.until('the first figures', (page) => metricsIn(page).length === 1);
  await agent.close();
  await viewer.until('the final figures', (page) => metricsIn(page).length === 2);
  expect(metricsIn(viewer)).toEqual([{ turns: 1 }, { turns: 2 }]);
  await viewer.until('the end', ({ sessions }) => sessions[0]?.connected === false);
});

test('figures that cannot be read are counted, and later ones are sent', async () => {
  const server = await serve();
  const agent = inspector({ url: server.agentUrl, metricsEveryMs: 5 });
  let reads = 0;
  agent.metrics(() => {
    reads += 1;
    if (reads <= 2) throw new Error('no figures');
    return { reads };
  });
  const viewer = await viewerOf(server);
  await viewer.until('figures', (page) => metricsIn(page).length > 0);
  expect(metricsIn(viewer)[0]).toEqual({ reads: 3 });
  expect(agent.counts.dropped).toBe(2);
});

test('an event that cannot be read is counted, and does not stop the agent', async () => {
  const agent = inspector({});
  const hostile = {
    type: '@xstate.actor',
    get actorRef() {
      throw new Error('no access');
    },
  };
  agent.inspect(hostile as unknown as InspectionEvent);
  expect(agent.counts).toEqual({ sent: 0, dropped: 1 });
});

test('a picture is dropped and counted while too much is buffered', async () => {
  const server = await serve({ pixels: true });
  const agent = inspector({ url: server.agentUrl, pixels: true, maxBufferedBytes: 65_536 });
  // The figures come after the welcome, which says that pictures are requested.
  agent.metrics(() => ({ n: 1 }));
  const viewer = await viewerOf(server);
  await viewer.until('the welcome', (page) => metricsIn(page).length > 0);
  const show = () =>
    agent.picture({
      ...{
        data: new Uint8Array([1]),
        mimeType: 'image/jpeg',
        width: 1,
        height: 1,
        label: 'camera',
      },
    });
  const actor = createActor(holding({ text: 'x'.repeat(9000) }), { inspect: agent.inspect });
  actor.start();
  onEnd(() => actor.stop());
  for (let count = 0; count < 500; count++) actor.send({ type: 'poke' });
  const { dropped } = agent.counts;
  expect(dropped).toBeGreaterThan(0);
  show();
  expect(agent.counts.dropped).toBe(dropped + 1);
});

test('an inspector that connects late gets no actor that has ended', async () => {
  const server = await serve();
  const agent = inspector({ url: server.agentUrl });
  const ended = createActor(lamp, { inspect: agent.inspect }).start();
  const living = createActor(lamp, { inspect: agent.inspect }).start();
  onEnd(() => living.stop());
  ended.stop();
  await agent.connected;
  expect(agent.counts.sent).toBe(1);
});

test('an agent without an inspector remembers its newest 256 actors', async () => {
  const server = await serve();
  const agent = inspector({ url: server.agentUrl });
  const machines = Array.from({ length: 258 }, (_, index) => createMachine({ id: `m${index}` }));
  for (const machine of machines) {
    const actor = createActor(machine, { inspect: agent.inspect }).start();
    onEnd(() => actor.stop());
  }
  await agent.connected;
  expect(agent.counts.sent).toBe(256);
  const viewer = await viewerOf(server);
  await viewer.until('the actors', ({ events }) => events.length === 256);
  expect(viewer.events[0]?.[1]).toMatchObject({ name: 'm2' });
});

test("an error of the application's function does not stop the actors, and is given each event", () => {
  const types: string[] = [];
  const inspection = new Inspection(
    (event) => {
      types.push(event.type);
      throw new Error('of the application');
    },
    () => ({}),
  );
  const actor = createActor(lamp, inspection.actorOptions).start();
  actor.send({ type: 'press' });
  expect(actor.getSnapshot().value).toBe('on');
  actor.stop();
  expect(types).toContain('@xstate.snapshot');
  expect(new Inspection(undefined, () => ({})).actorOptions).toEqual({});
});
