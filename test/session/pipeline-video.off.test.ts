import { type llm, voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { fileCamera } from '../support/camera.ts';
import { endStages, liveStage, type Stage, setStage } from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const WAYS: [string, (stage: Stage) => void][] = [
  ['switching video off', ({ video }) => video.setMode('off')],
  [
    'switching video off and on',
    ({ video }) => {
      video.setMode('off');
      video.setMode('sampled');
    },
  ],
  ['muting the camera', ({ room, publication }) => room.mute(publication)],
  ['ending the share', ({ room, publication }) => room.unpublish(publication)],
];

describe.each(WAYS)('pictures after %s', (how, switchOff) => {
  test(`a request that an llmNode delays is sent without the picture after ${how}`, async () => {
    let held = (_context: llm.ChatContext) => {};
    let release = () => {};
    const holding = new Promise<llm.ChatContext>((resolve) => {
      held = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    class Holder extends voice.Agent {
      override async llmNode(...[context, tools, settings]: Parameters<voice.Agent['llmNode']>) {
        held(context);
        await released;
        return super.llmNode(context, tools, settings);
      }
    }
    const stage = await liveStage(camera, { agent: new Holder({ instructions: 'See.' }) });
    await stage.show(4);
    const answered = stage.type('What is it?');
    const context = await holding;
    // The picture was in the request.
    expect(JSON.stringify(context.items)).toContain('data:image/jpeg');
    switchOff(stage);
    release();
    await answered;
    expect(stage.model.requests).toHaveLength(1);
    expect(stage.model.last.pictures).toEqual([]);
    expect(stage.model.last.text).toContain('What is it?');
  });

  test(`the history and the next request contain no earlier picture after ${how}`, async () => {
    const stage = await liveStage(camera);
    await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures).toHaveLength(1);
    switchOff(stage);
    await stage.type('And now?');
    expect(stage.model.last.pictures).toEqual([]);
    expect(JSON.stringify(stage.session.history.items)).not.toContain('data:image/jpeg');
  });

  test(`a frame that the application holds cannot be encoded after ${how}`, async () => {
    const stage = await liveStage(camera);
    const seen = await stage.show(4);
    await seen.encode();
    switchOff(stage);
    await expect(seen.encode()).rejects.toMatchObject({ reason: 'off' });
  });
});

const hasPicture = ({ session }: Stage) =>
  JSON.stringify(session.history.items).includes('data:image/jpeg');

test('video that a participant switches off again leaves no picture in the history', async () => {
  const stage = setStage(camera, { video: { input: { mode: 'off' } } });
  await stage.start();
  // What the agent does when a participant asks for a mode.
  stage.video.actor.send({ type: 'mode.set', mode: 'sampled' });
  await stage.cameraOn();
  await stage.show(4);
  await stage.type('What is it?');
  expect(hasPicture(stage)).toBe(true);
  stage.video.actor.send({ type: 'mode.set', mode: 'off' });
  expect(hasPicture(stage)).toBe(false);
});

test('a handler that switches video off finds no picture in the history from then on', async () => {
  const stage = await liveStage(camera);
  const { video } = stage;
  const found = new Promise<boolean[]>((resolve) => {
    video.on('turn.cleared', () => {
      const before = hasPicture(stage);
      video.setMode('off');
      resolve([before, hasPicture(stage)]);
    });
  });
  await stage.show(4);
  await stage.type('What is it?');
  expect(await found).toEqual([true, false]);
});
