import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test } from 'vitest';
import { POINT_TOPIC, type PointMessage, parsePoint } from '../../src/client/point-protocol.ts';
import { crop, OptionError, type PointError } from '../../src/index.ts';
import { USER } from '../../src/testing/identities.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { until } from '../../src/testing/waits.ts';
import type { VideoSession } from '../../src/video-session.ts';
import { createPointTool } from '../../src/watch/point-tool.ts';
import { fileCamera } from '../support/camera.ts';
import {
  endStages,
  frameIdOf,
  type StageOptions,
  setStage,
  untilWatching,
} from '../support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const SEE = 'What is there?';

/** An agent with the point tool, and a user with a page who shows their camera. */
async function pointingStage(video: StageOptions['video'] = {}) {
  const model = new RecordingLLM();
  const stage = setStage(camera, { model, video });
  const { room } = stage;
  const page = await room.joinAs(USER);
  const guest = await room.joinAs('guest');
  await until('the user and the guest are here', () => room.remoteParticipants.size === 2);
  const messages: { to: string; point: PointMessage | undefined }[] = [];
  for (const [to, one] of Object.entries({ [USER]: page, guest }))
    one.on('dataReceived', (payload, _sender, _kind, topic) => {
      if (topic === POINT_TOPIC) messages.push({ to, point: parsePoint(payload) });
    });
  const tools = [createPointTool(stage.video)];
  await stage.video.start({ agent: new voice.Agent({ instructions: 'Point.', tools }) });
  await stage.cameraOn();

  /** The model calls the tool after a question, and gets this answer from it. */
  const point = async (args: Readonly<Record<string, unknown>>): Promise<string> => {
    model.replies.push({ call: 'point', args }, 'Here.');
    await stage.type(SEE);
    const outputs = stage.session.history.items.filter(
      (item) => item.type === 'function_call_output',
    );
    return JSON.parse(outputs.at(-1)?.output ?? '""');
  };
  return { stage, model, messages, point };
}

test('a place that the model points at reaches the page of the user, and no other participant', async () => {
  const { stage, model, messages, point } = await pointingStage();
  await stage.show(5);
  const answer = await point({ x: 0.25, y: 0.5, width: 0.1, height: 0.2, label: 'the cup' });
  expect(answer).toContain('the cup');
  await until('the mark has arrived', () => messages.length > 0);
  expect(messages).toEqual([
    {
      to: USER,
      point: {
        version: 1,
        frame: frameIdOf(model.requests[0]?.ownPictures[0]),
        participant: USER,
        track: stage.publication.sid,
        source: 'camera',
        ...{ x: 0.25, y: 0.5, width: 0.1, height: 0.2, label: 'the cup' },
      },
    },
  ]);
});

test('a place in a cropped picture is sent as the same place of the uncropped video', async () => {
  const { stage, messages, point } = await pointingStage({
    input: { processors: [crop({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 })] },
  });
  await stage.show(5);
  await point({ x: 0.5, y: 0, width: 0.5, height: 0.5, label: 'there' });
  await until('the mark has arrived', () => messages.length > 0);
  expect(messages[0]?.point).toMatchObject({ x: 0.75, y: 0.5, width: 0.25, height: 0.25 });
});

test('a place on the black bars of a picture is refused', async () => {
  const { stage, point } = await pointingStage({
    turn: { image: { resize: { width: 300, height: 300, strategy: 'center_aspect_fit' } } },
  });
  await stage.show(5);
  expect(await point({ x: 0.5, y: 0.01, label: 'there' })).toMatch(/^No mark: .*black bars/);
  expect(await point({ x: 0.5, y: 0.5, label: 'there' })).not.toMatch(/^No mark/);
});

test('null counts as an argument that the model left out', async () => {
  const { stage, point } = await pointingStage();
  await stage.show(5);
  const place = { x: 0.5, y: 0.5, width: null, height: null, source: null, frame: null };
  expect(await point({ ...place, label: 'there' })).toContain('the mark "there"');
  expect(await point({ ...place, label: null })).toMatch(/^No mark: label/);
});

const WRONG: readonly (readonly [object, string])[] = [
  [{ x: 512, y: 0.5, label: 'there' }, 'x is 512: use a number from 0 to 1'],
  [{ x: 0.5, label: 'there' }, 'y is undefined'],
  [{ x: 0.5, y: 0.5, width: 0.1, label: 'there' }, 'use both for a box'],
  [{ x: 0.8, y: 0.5, width: 0.4, height: 0.1, label: 'there' }, 'inside the picture'],
  [{ x: 0.5, y: 0.5, label: '\u200b' }, 'visible characters'],
  [{ x: 0.5, y: 0.5, label: 'a', frame: 999 }, 'frame 999 is not one of the video that you saw'],
  [{ x: 0.5, y: 0.5, label: 'a', frame: 'two' }, 'frame is "two"'],
  [{ x: 0.5, y: 0.5, label: 'a', source: 'screen' }, 'no picture of the screen that you saw'],
];

test('the model reads what is wrong with its arguments, and nothing is sent', async () => {
  const { stage, messages } = await pointingStage();
  await stage.show(5);
  await stage.type(SEE);
  const tool = createPointTool(stage.video);
  for (const [args, problem] of WRONG) {
    const answer = await tool.execute(args as never, {} as never);
    expect(answer).toMatch(/^No mark: /);
    expect(answer).toContain(problem);
  }
  await stage.room.localParticipant.publishData(new Uint8Array(), { topic: POINT_TOPIC });
  await until('the message after it', () => messages.length > 0);
  expect(messages.every(({ point }) => point === undefined)).toBe(true);
});

test('nothing is marked in video that the model was not shown, that is off, or that has ended', async () => {
  const { stage } = await pointingStage();
  const { video, room } = stage;
  const place = { x: 0.5, y: 0.5, label: 'there' };
  const reason = () =>
    video.point(place).then(
      () => 'sent',
      (error: PointError) => error.reason,
    );
  await stage.show(5);
  expect(await reason()).toBe('unseen');
  await stage.type(SEE);
  expect(await reason()).toBe('sent');

  video.setMode('off');
  expect(await reason()).toBe('off');
  video.setMode('sampled');
  // What was shown before it was switched off is forgotten.
  expect(await reason()).toBe('unseen');

  await untilWatching(video, stage.publication.sid);
  await stage.show(6);
  await stage.type(SEE);
  expect(await reason()).toBe('sent');
  room.unpublish(stage.publication);
  expect(['unseen', 'gone']).toContain(await reason());
  await video.close();
  expect(await reason()).toBe('closed');
  await expect(video.point({ ...place, x: -1 })).rejects.toThrow(OptionError);
});

test('a frame that a model saw can be named while the other source is newer', async () => {
  const { stage, model, messages, point } = await pointingStage({
    input: { sources: ['camera', 'screen'] },
  });
  stage.room.publish(USER, stage.camera.track, TrackSource.SOURCE_SCREENSHARE);
  await stage.show(5);
  await until('both sources have a frame', async () => {
    const both = [await stage.video.latestFrame('camera'), await stage.video.latestFrame('screen')];
    if (both.includes(undefined)) stage.camera.show(5);
    return !both.includes(undefined);
  });
  await point({ x: 0.5, y: 0.5, label: 'there', source: 'camera' });
  const ids = model.requests[0]?.ownPictures.map(frameIdOf) ?? [];
  expect(ids).toHaveLength(2);
  await until('the mark has arrived', () => messages.length === 1);
  expect(messages[0]?.point).toMatchObject({ source: 'camera', frame: ids[0] });
  await stage.video.point({ x: 0.5, y: 0.5, label: 'there', frameId: ids[1] });
  await until('the second mark has arrived', () => messages.length === 2);
  expect(messages[1]?.point).toMatchObject({ source: 'screen', frame: ids[1] });
});

test('the model reads which arguments of the tool it has to give, and their ranges', async () => {
  const video = { look: () => {}, point: async () => ({ label: 'there', source: 'unknown' }) };
  const tool = createPointTool(video as unknown as VideoSession, { name: 'mark' });
  expect(tool.name).toBe('mark');
  const { parameters } = tool as unknown as { parameters: unknown };
  expect(parameters).toMatchObject({
    required: ['x', 'y', 'label'],
    additionalProperties: false,
    properties: {
      ...{ x: { minimum: 0, maximum: 1 }, height: { minimum: 0, maximum: 1 } },
      ...{ label: { maxLength: 80 }, source: { enum: ['camera', 'screen'] } },
    },
  });
  // A track that names no source counts as a camera.
  expect(await tool.execute({ x: 0, y: 0, label: 'there' }, {} as never)).toBe(
    'The user sees the mark "there" in the camera video.',
  );
});

test('the answer to a wrong argument names the arguments that the model knows', async () => {
  const { stage, point } = await pointingStage();
  await stage.show(5);
  const answer = await point({ x: 0.5, y: 0.5, label: 'there', colour: 'red' });
  expect(answer).toMatch(/^No mark: colour is not an option: use .*\bframe\b/);
  expect(answer).not.toContain('frameId');
});
