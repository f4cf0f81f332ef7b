import { voice } from '@livekit/agents';
import { TrackSource } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FrameGate } from '../../src/frames/gate.ts';
import { VideoSession, type VideoSessionOptions } from '../../src/index.ts';
import type { VideoEventOf } from '../../src/session/reporter.ts';
import { Sources } from '../../src/session/sources.ts';
import { AGENT, USER } from '../../src/testing/identities.ts';
import { LoopbackRoom } from '../../src/testing/loopback-room.ts';
import { RecordingLLM } from '../../src/testing/recording-llm.ts';
import { until } from '../../src/testing/waits.ts';
import { fileCamera } from '../support/camera.ts';
import { endStages, setStage, shownIn } from '../support/loopback.ts';

const MODE = 'sightline.mode';
const camera = fileCamera();
const otherCamera = fileCamera();

let room: LoopbackRoom;
let user: LoopbackRoom;
let session: voice.AgentSession;
let video: VideoSession;
let errors: VideoEventOf<'error'>[];

beforeEach(async () => {
  room = new LoopbackRoom({ identity: AGENT, speech: true });
  user = await room.joinAs(USER);
  session = new voice.AgentSession({ llm: new RecordingLLM(), vad: null });
});
afterEach(async () => {
  vi.restoreAllMocks();
  session._closeSoon({ reason: voice.CloseReason.ERROR });
  await video?.close();
  await session.close();
  await user.disconnect();
  await room.disconnect();
  await endStages();
});

/** An agent in a room that carries speech. */
async function start(options: Omit<VideoSessionOptions, 'room'> = {}): Promise<void> {
  video = new VideoSession(session, { room: room.asRoom(), ...options });
  errors = [];
  video.on('error', (error) => errors.push(error));
  await video.start({
    agent: new voice.Agent({ instructions: 'Look.' }),
    inputOptions: { audioEnabled: false, closeOnDisconnect: false },
    outputOptions: { audioEnabled: false },
  });
}

const shownMode = () => user.remoteParticipants.get(AGENT)?.attributes[MODE];
const switchTo = (mode: string) =>
  user.localParticipant.performRpc({
    ...{ destinationIdentity: AGENT, method: MODE, payload: JSON.stringify({ mode }) },
  });

test('the participant that is served can switch the video from the start to the close', async () => {
  await start({ control: 'participant' });
  await until('the mode', () => shownMode() === 'sampled');
  expect(await switchTo('off')).toBe('{"mode":"off"}');
  await until('the new mode', () => shownMode() === 'off');
  await video.close();
  await until('the end of the mode', () => !shownMode());
  await expect(switchTo('sampled')).rejects.toThrow();
});

test('a close removes the mode from the room, and then waits for the agent session', async () => {
  await start({ control: 'participant' });
  await until('the mode', () => shownMode() === 'sampled');
  let removed = () => {};
  const write = vi.spyOn(room.localParticipant, 'setAttributes').mockReturnValue(
    new Promise((resolve) => {
      removed = resolve;
    }),
  );
  let isOver = false;
  const end = session.close.bind(session);
  const close = vi.spyOn(session, 'close').mockImplementation(async () => {
    await end();
    await new Promise(setImmediate);
    isOver = true;
  });
  const closed = video.close();
  await until('the removal', () => write.mock.calls.length > 0);
  await new Promise(setImmediate);
  expect(close).not.toHaveBeenCalled();
  removed();
  await closed;
  expect(isOver).toBe(true);
});

test.each([
  ['streams', Sources.prototype],
  ['pictures in use', FrameGate.prototype],
])('a close waits for the end of the %s, and then closes the agent session', async (_, part) => {
  await start();
  let ended = () => {};
  const { close } = part;
  const held = vi.spyOn(part, 'close').mockImplementation(async function (this: never) {
    await close.call(this);
    await new Promise<void>((resolve) => {
      ended = resolve;
    });
  });
  const over = vi.spyOn(session, 'close');
  const closed = video.close();
  await until('the close of the part', () => held.mock.calls.length === 1);
  await new Promise(setImmediate);
  expect(over).not.toHaveBeenCalled();
  ended();
  await closed;
  expect(over).toHaveBeenCalledTimes(1);
});

test('a mode that cannot be shown to the room is reported as an error of the control', async () => {
  vi.spyOn(room.localParticipant, 'setAttributes').mockRejectedValueOnce(
    new Error('no permission'),
  );
  await start({ control: 'participant' });
  await until('the error', () => errors.length > 0);
  expect(errors[0]).toMatchObject({ cause: 'control', message: 'no permission' });
});

test.each([
  [undefined, false],
  ['closed', false],
  ['framework', true],
] as const)('with remoteSession %s, participants can use the session: %s', async (remote, can) => {
  await start(remote && { remoteSession: remote });
  const { sessionHost } = session as unknown as { sessionHost: { transport: unknown } };
  expect(sessionHost.transport instanceof voice.RoomSessionTransport).toBe(can);
});

test('the agent serves the participant of inputOptions.participantIdentity, not the first one', async () => {
  const stage = setStage(camera);
  stage.room.join('ada');
  stage.room.publish('ada', otherCamera.track, TrackSource.SOURCE_CAMERA);
  const inputOptions = { participantIdentity: USER };
  await stage.video.start({ agent: stage.agent, inputOptions });
  await stage.cameraOn();
  otherCamera.show(8);
  await stage.show(3);
  await stage.type('What do I show?');
  expect(await shownIn(stage.model.last.pictures[0])).toMatchObject({ level: 3 });
});

test('an agent session that ends with an error reports it as an error of the model', async () => {
  await start();
  const error = new Error('quota exceeded');
  session._closeSoon({ reason: voice.CloseReason.ERROR, error: error as never });
  await until('the error', () => errors.length > 0);
  expect(errors).toMatchObject([{ cause: 'model', message: 'quota exceeded' }]);
});

test('a listener to the machine that throws is reported, and ends nothing', async () => {
  await start();
  const { unsubscribe } = video.actor.subscribe(() => {
    throw new Error('my listener');
  });
  video.setMode('onDemand');
  unsubscribe();
  expect(errors[0]).toMatchObject({ cause: 'handler', message: 'my listener' });
  expect(video.actor.getSnapshot()).toMatchObject({ status: 'active' });
});
