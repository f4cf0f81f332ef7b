import { voice } from '@livekit/agents';
import { type Meter, metrics } from '@opentelemetry/api';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { waitFor } from 'xstate';
import { type VideoMetrics, VideoSession } from '../src/index.ts';
import { USER } from '../src/testing/identities.ts';
import { LoopbackRoom } from '../src/testing/loopback-room.ts';
import { RecordingLLM } from '../src/testing/recording-llm.ts';
import { fileCamera } from './support/camera.ts';
import {
  endStages,
  liveStage,
  nextEvent,
  type Stage,
  setStage,
  untilWatching,
} from './support/loopback.ts';
import { sourceAt } from './support/sources.ts';
import { timersLeftBy } from './support/timers.ts';

const camera = fileCamera();
afterEach(endStages);

interface Emitter {
  eventNames(): unknown[];
  listenerCount(event: never): number;
}

/** Listeners by event. */
const listeners = (emitter: Emitter): Record<string, number> =>
  Object.fromEntries(
    emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name as never)]),
  );

/** Every frame is in exactly one counter, and none is held or in use any more. */
function expectBalanced({ frames }: VideoMetrics): void {
  const skipped = Object.values(frames.skipped).reduce((sum, count) => sum + count, 0);
  expect(frames.received).toBe(frames.replaced + frames.sampled);
  expect(frames.sampled).toBe(frames.sent + skipped);
  expect(frames).toMatchObject({ held: 0, pending: 0 });
}

/** Nothing of the session is left. */
async function expectOver({ video, agent }: Stage): Promise<void> {
  const { status, children, context } = video.actor.getSnapshot();
  expect({ status, children: Object.keys(children) }).toEqual({ status: 'done', children: [] });
  expect(sourceAt(context)?.pick).toBeNull();
  expect(await video.latestFrame()).toBeUndefined();
  expect(Object.hasOwn(agent, 'llmNode')).toBe(false);
  expectBalanced(video.metrics());
}

describe('close', () => {
  test('close leaves no listener, no timer, no frame and no actor', async () => {
    const room = new LoopbackRoom();
    room.on('trackMuted', () => {});
    const stage = setStage(camera, { room });
    // Before its start it watches for an agent session that is started without it.
    const { agent_state_changed: _, ...session } = listeners(stage.session);
    const before = { room: listeners(room), session };
    await stage.start();
    await stage.cameraOn();
    expect(listeners(room)).not.toEqual(before.room);
    await stage.show(2);
    await stage.hear('What is it?');
    camera.show(3);
    camera.show(4);
    await stage.show(5);
    stage.hearMaybe('And');
    await stage.model.asked(2);
    await stage.video.close();

    expect({ room: listeners(room), session: listeners(stage.session) }).toEqual(before);
    await expectOver(stage);
  });

  test('close leaves no timers except those that the agent session leaves by itself', async () => {
    const talk = async (stage: Stage) => {
      stage.hearMaybe('What');
      await stage.model.asked(1);
      await stage.hear('What is it?');
      await stage.type('And now?');
    };
    const blind = setStage(camera);
    const usual = await timersLeftBy(async () => {
      await blind.session.start({ agent: blind.agent });
      await talk(blind);
      await blind.session.close();
    });
    const seeing = setStage(camera);
    const ours = await timersLeftBy(async () => {
      await seeing.start();
      await seeing.cameraOn();
      await seeing.show(2);
      await talk(seeing);
      await seeing.video.close();
    });
    expect(ours.length).toBeLessThanOrEqual(usual.length);
    expect(ours.filter((stack) => stack.includes('xstate'))).toEqual([]);
  });

  test('close ends the export of metrics, which begins with the start', async () => {
    const exported = new Set<unknown>();
    const instrument = () => ({});
    const meters = vi.spyOn(metrics, 'getMeter').mockReturnValue({
      ...{ createObservableCounter: instrument, createObservableGauge: instrument },
      addBatchObservableCallback: (read: unknown) => exported.add(read),
      removeBatchObservableCallback: (read: unknown) => exported.delete(read),
    } as unknown as Meter);
    onTestFinished(() => meters.mockRestore());
    const stage = setStage(camera);
    expect(exported.size).toBe(0);
    await stage.start();
    expect(exported.size).toBe(1);
    await stage.video.close();
    expect(exported.size).toBe(0);
  });

  test('close during a turn lets the turn end, and leaves nothing', async () => {
    const stage = await liveStage(camera, { video: { turn: { attachBudgetMs: 5000 } } });
    const size = { width: 3840, height: 2160 };
    await stage.show(2, size);
    stage.session.generateReply({ userInput: 'What is it?' });
    await waitFor(stage.video.actor, ({ children }) => 'turn-1' in children);
    // An agent session that failed is closed at once.
    stage.session._closeSoon({ reason: voice.CloseReason.ERROR });
    await stage.video.close();
    await expectOver(stage);
  });

  test('a VideoSession closes when its agent session is closed', async () => {
    const stage = await liveStage(camera);
    await stage.show(2);
    await stage.session.close();
    await waitFor(stage.video.actor, ({ status }) => status === 'done');
    expect(listeners(stage.room)).toEqual({});
    await expectOver(stage);
    await stage.video.close();
  });

  test('close does not touch the tracks: another session can watch the same camera', async () => {
    const first = await liveStage(camera);
    await first.show(2);
    const second = setStage(camera, { room: first.room });
    await second.start();
    await untilWatching(second.video, first.publication.sid);
    await first.video.close();
    await expectOver(first);
    expect((await second.show(3)).trackSid).toBe(first.publication.sid);
  });

  test('close of a session that failed is quick and logs nothing', async () => {
    const stage = await liveStage(camera);
    const failing = setStage(camera);
    const failed = nextEvent(failing.video, 'session.failed');
    await failing.video.start({ agent: stage.agent }).catch(() => {});
    expect((await failed).error).toContain('already running');
    await failing.video.close();
    expect(Object.hasOwn(stage.agent, 'llmNode')).toBe(true);
  });
});

/** Ten cycles with one agent session and one room. The number of frames varies. */
async function cycles(room: LoopbackRoom): Promise<unknown[]> {
  const session = new voice.AgentSession({ llm: new RecordingLLM() });
  const counts: unknown[] = [];
  for (let cycle = 0; cycle < 10; cycle++) {
    const video = new VideoSession(session, {
      room,
      input: { lookTimeoutMs: 10_000 },
      turn: { attachBudgetMs: 5000, maxFrameAgeMs: 60_000 },
    });
    await video.start({ agent: new voice.Agent({ instructions: '' }) });
    const look = video.look();
    camera.show(5);
    await look;
    await session.run({ userInput: 'What is it?' }).wait();
    await video.close();
    expectBalanced(video.metrics());
    expect(video.metrics().turns.attached).toBe(1);
    counts.push(listeners(session));
  }
  return counts;
}

test('50 sessions, five at a time, leave their room unchanged', async () => {
  const room = new LoopbackRoom();
  room.join(USER);
  room.publish(USER, camera.track, camera.source);
  await Promise.resolve();
  const counts = await Promise.all([room, room, room, room, room].map(cycles));
  for (const [first, ...later] of counts) for (const count of later) expect(count).toEqual(first);
  expect(listeners(room)).toEqual({});
}, 60_000);
