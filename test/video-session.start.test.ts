import { voice } from '@livekit/agents';
import { afterEach, describe, expect, test } from 'vitest';
import { SessionStateError, SightlineError } from '../src/index.ts';
import { USER } from '../src/testing/identities.ts';
import { deferred } from '../src/testing/simulated-clock.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  expectClosed,
  frameIdOf,
  liveStage,
  rejection,
  setStage,
} from './support/loopback.ts';

const camera = fileCamera();
afterEach(endStages);

const agent = () => new voice.Agent({ instructions: 'Say what you see.' });

describe('start and close', () => {
  test('start can be called only once', async () => {
    const stage = await liveStage(camera);
    const error = await rejection(stage.start());
    expect(error).toBeInstanceOf(SessionStateError);
    expect(error).toMatchObject({
      code: 'session-state',
      message: 'start() was already called: a VideoSession starts only once',
    });
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('start can be called only once, even while the first call is pending', async () => {
    const stage = setStage(camera);
    const first = stage.start();
    expect(await rejection(stage.start())).toBeInstanceOf(SessionStateError);
    await first;
  });

  test('choices made before the start hold after it', async () => {
    const stage = setStage(camera);
    stage.video.setMode('off');
    await stage.start();
    expect(await rejection(stage.video.look())).toMatchObject({ reason: 'off' });
  });

  test('close can be called before start, and start cannot be called after close', async () => {
    const { video, room, agent: first } = setStage(camera);
    await video.close();
    expectClosed(video, room);
    const error = await rejection(video.start({ agent: first }));
    expect(error).toBeInstanceOf(SessionStateError);
    expect(error).toMatchObject({ message: 'this VideoSession is closed: make a new one' });
  });

  test('close can be called twice, in a row or at once', async () => {
    const stage = await liveStage(camera);
    await Promise.all([stage.video.close(), stage.video.close()]);
    await stage.video.close();
    expectClosed(stage.video, stage.room);
    expect(() => stage.session.currentAgent.session).toThrow('Agent activity not found');
  });

  test('start fails if close is called while it is pending', async () => {
    const stage = setStage(camera);
    const started = rejection(stage.start());
    await stage.video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expect(await started).toMatchObject({ message: 'close() was called during start()' });
    expectClosed(stage.video, stage.room);
  });

  test('close while the agent session starts closes it too', async () => {
    const entered = deferred<void>();
    const gate = deferred<void>();
    class Gated extends voice.AgentSession {
      override async start(...options: Parameters<voice.AgentSession['start']>): Promise<void> {
        entered.resolve();
        await gate.promise;
        await super.start(...options);
      }
    }
    const stage = setStage(camera, { make: (options) => new Gated(options) });
    const started = rejection(stage.start());
    await entered.promise;
    await stage.video.close();
    expect(await started).toBeInstanceOf(SessionStateError);
    expectClosed(stage.video, stage.room);
    const closed = new Promise((resolve) => {
      stage.session.once(voice.AgentSessionEventTypes.Close, resolve);
    });
    gate.resolve();
    await closed;
    expect(stage.session._started).toBe(false);
  });

  test('other calls on a closed session do nothing', async () => {
    const stage = await liveStage(camera);
    await stage.show(4);
    await stage.video.close();
    stage.video.setMode('off');
    stage.video.pinSource('camera');
    expect(await stage.video.latestFrame()).toBeUndefined();
    expect(stage.video.metrics().frames.held).toBe(0);
  });
});

describe('an agent session that does not start', () => {
  test('start rejects with the error of the agent session, and everything is closed', async () => {
    const boom = new TypeError('no tools today');
    class Broken extends voice.AgentSession {
      override async start(): Promise<void> {
        throw boom;
      }
    }
    const {
      room,
      video,
      agent: first,
    } = setStage(camera, {
      make: (options) => new Broken(options),
    });
    room.join(USER);
    expect(await rejection(video.start({ agent: first }))).toBe(boom);
    expectClosed(video, room);
    expect(Object.hasOwn(first, 'llmNode')).toBe(false);
  });

  test('start fails with the reason if the agent already runs, and the agent goes on', async () => {
    const stage = await liveStage(camera);
    const other = setStage(camera);
    const error = await rejection(other.video.start({ agent: stage.agent }));
    expect(error).toMatchObject({
      message: 'Cannot start agent: an activity is already running',
    });
    expectClosed(other.video, other.room);
    const { id } = await stage.show(4);
    await stage.type('What is it?');
    expect(stage.model.last.pictures.map(frameIdOf)).toEqual([id]);
  });

  test('start fails after the time limit of the agent session', async () => {
    class Slow extends voice.AgentSession {
      override start(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const { room, video } = setStage(camera, {
      make: (options) => new Slow(options),
      video: { limits: { startTimeoutMs: 30 } },
    });
    const error = await rejection(video.start({ agent: agent() }));
    expect(error).toBeInstanceOf(SightlineError);
    expect(error).toMatchObject({
      code: 'start-timeout',
      message: expect.stringContaining('the agent session did not start within 30 ms'),
    });
    expectClosed(video, room);
  });
});
