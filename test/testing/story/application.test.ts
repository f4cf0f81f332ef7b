import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { rgbFrame } from '../../../src/frames/frame-edit.ts';
import { LookError, type VideoSession } from '../../../src/index.ts';
import { AGENT } from '../../../src/testing/identities.ts';
import { LoopbackRoom } from '../../../src/testing/loopback-room.ts';
import { Application } from '../../../src/testing/story/application.ts';
import { StoryRecord } from '../../../src/testing/story/record.ts';
import { until } from '../../../src/testing/waits.ts';

afterEach(() => vi.useRealTimers());

/** An application whose video gives this picture. */
function stage({ isMasked = true } = {}) {
  const record = new StoryRecord();
  const room = new LoopbackRoom({ identity: AGENT });
  const seen = rgbFrame({ rgb: Buffer.alloc(32 * 16 * 3, 100), width: 32, height: 16 });
  const video = {
    look: vi.fn(async (_: object = {}): Promise<object> => seen),
    latestFrame: vi.fn(async (): Promise<object | undefined> => seen),
  };
  const application = new Application({
    video: video as unknown as VideoSession,
    room: room.asRoom(),
    ...{ record, isMasked },
  });
  const handed = () => record.handed.map(({ step, by }) => `${step} ${by}`);
  return { application, video, room, handed, seen, record };
}

test('the pictures that an application gets are recorded if the story has a mask', async () => {
  const { application, video, handed, record, seen } = stage();
  await application.takeLatest(3);
  video.latestFrame.mockResolvedValueOnce(undefined);
  await application.takeLatest(4);
  await application.look(5, 'screen');
  expect(handed()).toEqual(['3 latestFrame()', '5 look()', '5 look({ region })']);
  expect(record.handed[0]?.picture).toBe(seen);
  expect(video.look.mock.calls).toEqual([
    [{ source: 'screen' }],
    [{ source: 'screen', region: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 } }],
  ]);
});

test('without a mask, an application records nothing, and does not look at a part', async () => {
  const { application, video, handed } = stage({ isMasked: false });
  await application.takeLatest(1);
  await application.look(2, undefined);
  expect(video.look.mock.calls).toEqual([[{}]]);
  expect(handed()).toEqual([]);
});

test('a look at nothing is no problem of a story, and another failure of it is one', async () => {
  const { application, video } = stage();
  video.look.mockRejectedValueOnce(new LookError('timeout', 'no camera is shared'));
  await application.look(1, undefined);
  video.look.mockRejectedValueOnce(new Error('broken'));
  await expect(application.look(2, undefined)).rejects.toThrow('broken');
});

test('the watch of an application looks until the close', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const { application, video } = stage();
  video.look.mockRejectedValue(new LookError('timeout', 'no camera is shared'));
  application.watch(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(video.look.mock.calls.length).toBeGreaterThan(1);
  await application.close();
  video.look.mockClear();
  await vi.advanceTimersByTimeAsync(500);
  expect(video.look).not.toHaveBeenCalled();
});

test('an application publishes the pictures that it takes, and records what viewers get', async () => {
  const { application, room, handed } = stage();
  onTestFinished(() => room.disconnect());
  await application.publish(2);
  await application.takeLatest(3);
  await until('the picture at the viewer', () => handed().includes('2 the output'));
  expect(room.localParticipant.trackPublications.size).toBe(1);
  await application.close();
  expect(room.localParticipant.trackPublications.size).toBe(0);
});
