import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type InspectorServer, startInspector } from '../../src/inspect/index.ts';
import { inspectOption } from '../../src/inspect/inspection.ts';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { VideoWatch } from '../../src/watch/video-watch.ts';
import { TestViewer } from '../support/inspect.ts';
import { endStages, liveStage } from '../support/loopback.ts';
import {
  endStages as endRealtime,
  liveStage as realtimeStage,
  stagesEnded,
} from '../support/realtime-stage.ts';

const camera = new TestCamera();
const servers: InspectorServer[] = [];
afterEach(async () => {
  await endStages();
  endRealtime();
  await stagesEnded();
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => camera.close());

test.each([
  [undefined, undefined, undefined],
  [undefined, '1', {}],
  [undefined, 'true', {}],
  [undefined, 'ws://127.0.0.1:1/t', { url: 'ws://127.0.0.1:1/t' }],
  [true, undefined, {}],
  [false, '1', undefined],
  [{ name: 'kiosk' }, '1', { name: 'kiosk' }],
])(
  'the option inspect %o with SIGHTLINE_INSPECT %o has the expected effect',
  (option, environment, expected) => {
    expect(inspectOption(option, environment)).toEqual(expected);
  },
);

test('a session sends itself, its machines and its metrics to the inspector', async () => {
  const server = await startInspector({ port: 0 });
  servers.push(server);
  await liveStage(camera, { video: { inspect: { url: server.agentUrl } } });
  const viewer = await TestViewer.open(server);
  await viewer.until('the session', ({ sessions }) => sessions.length === 1);
  const id = viewer.sessions[0]?.id;
  viewer.watch(id ?? '');
  await viewer.until('its source', (page) => page.valuesOf('source:linked/latest').length > 0);
  viewer.close();
});

test.each([true, false])(
  'a session sends the pictures of a realtime model to the inspector, pixels: %s',
  async (pixels) => {
    const server = await startInspector({ port: 0, pixels });
    servers.push(server);
    const viewer = await TestViewer.open(server);
    const inspect = { url: server.agentUrl, pixels };
    const stage = await realtimeStage('google', { video: { inspect } });
    await viewer.until('the session', ({ sessions }) => sessions.length === 1);
    viewer.watch(viewer.sessions[0]?.id ?? '');
    await viewer.until('its source', (page) => page.valuesOf('source:linked/latest').length > 0);
    const arrived = stage.fake.nextFrame();
    await stage.watch(camera);
    camera.show(3);
    await arrived;
    await viewer.until('the sample', (page) => page.saw('sample.sent'));
    expect(viewer.pictures > 0).toBe(pixels);
    viewer.close();
  },
);

test('the close of a session ends when the inspector has everything', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const inspect = { url: `ws://127.0.0.1:${port}` };
  const { video } = await liveStage(camera, { video: { inspect } });
  const [socket] = await connected;
  await video.close();
  // It has the close frame, which comes last.
  expect(socket.readyState).not.toBe(WebSocket.OPEN);
});

test('a watch is sent to the inspector of its session', async () => {
  const server = await startInspector({ port: 0 });
  servers.push(server);
  const { video } = await liveStage(camera, { video: { inspect: { url: server.agentUrl } } });
  const watch = new VideoWatch(video, { everyMs: 60_000, decide: () => false, act: 'event' });
  watch.start();
  const viewer = await TestViewer.open(server);
  await viewer.until('the session', ({ sessions }) => sessions.length === 1);
  viewer.watch(viewer.sessions[0]?.id ?? '');
  await viewer.until('the watch', (page) => page.valuesOf('watch').length > 0);
  viewer.close();
  watch.stop();
});
