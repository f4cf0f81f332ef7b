import { llm, voice } from '@livekit/agents';
import { afterEach, expect, test } from 'vitest';
import { startInspector } from '../../src/inspect/index.ts';
import { fileCamera } from '../support/camera.ts';
import { TestViewer } from '../support/inspect.ts';
import { endStages, liveStage, nextEvent } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

/** A model that calls this tool once, and then answers. */
const tool = llm.tool({ name: 'wave', description: 'Waves.', execute: async () => 'waved' });
const waver = () => new voice.Agent({ instructions: 'Wave.', tools: [tool] });

test('a turn whose picture is taken away before it is handed over goes without, and holds no frame', async () => {
  const stage = await liveStage(camera, { agent: waver() });
  const { video, model } = stage;
  await stage.show(4);
  model.replies.push({ call: 'wave' }, 'I waved.');
  const stop = video.on('turn.ready', () => video.setMode('off'));
  const withdrawn = nextEvent(video, 'turn.withdrawn');
  await stage.type('Wave, please.');
  stop();
  expect(await withdrawn).toMatchObject({ requestId: 1 });
  expect(model.requests.map(({ pictures }) => pictures.length)).toEqual([0, 0]);
  const { turns, frames } = video.metrics();
  expect(turns).toMatchObject({ attached: 1, withdrawn: 1, discarded: 0 });
  expect(frames).toMatchObject({ sent: 1, pending: 0, held: 0 });
  const { context, children } = video.actor.getSnapshot();
  expect(context.turns).toEqual([]);
  expect(Object.keys(children)).not.toContain('turn-1');
});

test('what the tools of such a turn have answered is no new turn', async () => {
  const stage = await liveStage(camera, { agent: waver() });
  const { video, model } = stage;
  await stage.show(4);
  model.replies.push({ call: 'wave' }, 'I waved.');
  const stop = video.on('turn.ready', () => {
    stop();
    video.setMode('off');
    video.setMode('sampled');
  });
  await stage.type('Wave, please.');
  expect(model.requests).toHaveLength(2);
  expect(video.metrics().turns).toMatchObject({
    attached: 1,
    withdrawn: 1,
    'nothing-to-attach': 0,
  });
});

test('video that is switched off in a handler is off at once', async () => {
  const stage = await liveStage(camera);
  const { video } = stage;
  const latest = new Promise((resolve) => {
    video.on('look.answered', () => {
      video.setMode('off');
      resolve(video.latestFrame());
    });
  });
  const seen = expect(video.look()).rejects.toMatchObject({ reason: 'off' });
  camera.show(4);
  expect(await latest).toBeUndefined();
  await seen;
});

test.each([true, false])(
  'an inspector gets the picture of a turn unless it is taken away before: %s',
  async (isTakenAway) => {
    const server = await startInspector({ port: 0, pixels: true });
    const viewer = await TestViewer.open(server);
    const stage = await liveStage(camera, {
      video: { inspect: { url: server.agentUrl, pixels: true } },
    });
    const { video, model } = stage;
    await viewer.until('the session', ({ sessions }) => sessions.length === 1);
    viewer.watch(viewer.sessions[0]?.id ?? '');
    await stage.show(4);
    const cleared = nextEvent(video, 'turn.cleared');
    stage.hearMaybe('What is it?');
    await model.asked(1);
    expect(model.last.pictures).toHaveLength(1);
    if (isTakenAway) video.setMode('off');
    await stage.hear('What is it?');
    await cleared;
    await viewer.until('the end of the turn', (page) => page.saw('turn.committed'));
    // The picture comes as an event of its own, which may be later than the end of the turn.
    if (!isTakenAway) await viewer.until('the picture', () => viewer.pictures > 0);
    expect(viewer.pictures).toBe(isTakenAway ? 0 : 1);
    viewer.close();
    await server.close();
  },
);
