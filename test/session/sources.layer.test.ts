import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { rtcEngine } from '../../src/internals/rtc-engine.ts';
import type { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, setStage } from '../support/loopback.ts';
import {
  setStage as setRealtimeStage,
  stagesEnded,
  endStages as startEndOfRealtimeStages,
} from '../support/realtime-stage.ts';

const camera = fileCamera();
afterEach(async () => {
  startEndOfRealtimeStages();
  await endStages();
  vi.restoreAllMocks();
});
afterAll(stagesEnded);

const SMALL = { width: 320, height: 180, strategy: 'scale_aspect_fit' } as const;
const input = { image: { resize: SMALL } };

/** The layers that are requested of the tracks that the room's participants publish from now on. */
function requestedLayers(room: LoopbackRoom): unknown[] {
  const engine = rtcEngine();
  if (!engine) throw new Error('rtc-node has no engine');
  const layers: unknown[] = [];
  const { client } = engine;
  const request = client.request.bind(client);
  vi.spyOn(client, 'request').mockImplementation((asked) => {
    const { message } = asked as { message: { case: string; value: { quality?: unknown } } };
    if (message.case !== 'setRemoteTrackPublicationQuality') return request(asked);
    layers.push(message.value.quality);
    return {} as never;
  });
  // A publication of a real server has a handle of the engine.
  room.once('trackPublished', (publication) =>
    Object.assign(publication, { ffiHandle: { handle: 7n } }),
  );
  return layers;
}

test('a realtime model whose pictures are small gets a small layer of the track', async () => {
  const stage = await setRealtimeStage('google', { video: { input } });
  await stage.start();
  const layers = requestedLayers(stage.room);
  await stage.watch(camera);
  expect(layers).toEqual([rtcEngine()?.bindings.VideoQuality.LOW]);
});

test('turns and looks of a pipeline get the full size of the track, however small the pictures', async () => {
  const stage = setStage(camera, { video: { input } });
  await stage.start();
  const layers = requestedLayers(stage.room);
  await stage.cameraOn();
  expect(layers).toEqual([]);
});
