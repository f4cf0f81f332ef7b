import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type InspectorServer, startInspector } from '../../src/inspect/index.ts';
import { inspectOption } from '../../src/inspect/inspection.ts';
import { endStages, HandCamera, liveStage } from '../support/loopback.ts';
import { TestViewer } from './support.ts';

initializeLogger({ pretty: false, level: 'silent' });

const camera = new HandCamera();
const servers: InspectorServer[] = [];
afterEach(async () => {
  await endStages();
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  await camera.close();
  await dispose();
});

test.each([
  [undefined, undefined, undefined],
  [undefined, '1', {}],
  [undefined, 'true', {}],
  [undefined, 'ws://127.0.0.1:1/t', { url: 'ws://127.0.0.1:1/t' }],
  [true, undefined, {}],
  [false, '1', undefined],
  [{ name: 'kiosk' }, '1', { name: 'kiosk' }],
])('inspect: %o with SIGHTLINE_INSPECT %o', (option, environment, expected) => {
  expect(inspectOption(option, environment)).toEqual(expected);
});

test('a session shows itself, its machines and its figures', async () => {
  const server = await startInspector({ port: 0 });
  servers.push(server);
  await liveStage(camera, { video: { inspect: { url: server.agentUrl } } });
  const viewer = await TestViewer.open(server);
  await viewer.until('the session', ({ sessions }) => sessions.length === 1);
  const id = viewer.sessions[0]?.id;
  viewer.watch(id ?? '');
  await viewer.until('its eyes', (page) => page.valuesOf('sight').length > 0);
  viewer.close();
});
