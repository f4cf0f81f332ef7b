import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { SeenFrame } from '../../src/frames/seen-frame.ts';
import type { VideoSession } from '../../src/video-session.ts';
import { sentByItself, shownLook } from '../../src/watch/shown-look.ts';

const SOURCE = 'linked/latest';
const frame = { id: 5, trackSid: 'TR' } as SeenFrame;

/** A session whose samples a test reports. */
function sampledVideo() {
  const events = new EventEmitter();
  const sources = { [SOURCE]: { pick: { sid: 'TR' } }, other: { pick: { sid: 'TR_2' } } };
  const video = {
    on: (type: string, listener: (event: object) => void) => {
      events.on(type, listener);
      return () => events.off(type, listener);
    },
    actor: { getSnapshot: () => ({ context: { sources, follow: [{ id: SOURCE }] } }) },
    showRealtime: async ({ id }: SeenFrame) => (id === 7 ? 'tool-pending' : 'sent'),
  } as unknown as VideoSession;
  const sent = (frameId: number | null, sourceId = SOURCE) =>
    events.emit('sample.sent', { sourceId, frameId });
  const skipped = (frameId: number | null, reason: string) =>
    events.emit('sample.skipped', { sourceId: SOURCE, frameId, reason });
  const listening = () => events.eventNames().length;
  return { video, sent, skipped, listening };
}

test('a look is shown once its own frame or a newer one of its source was sent', async () => {
  const { video, sent, listening } = sampledVideo();
  const shown = shownLook(video, async () => frame, new AbortController().signal);
  sent(4);
  sent(6, 'other');
  await new Promise(setImmediate);
  expect(listening()).toBe(2);
  sent(5);
  expect(await shown).toEqual({ frame, result: 'sent' });
  expect(listening()).toBe(0);
});

test('a look at a source that is not watched is sent by itself', async () => {
  const { video, listening } = sampledVideo();
  const other = { id: 7, trackSid: 'TR_2' } as SeenFrame;
  const shown = shownLook(video, async () => other, new AbortController().signal);
  expect(await shown).toEqual({ frame: other, result: 'tool-pending' });
  expect(listening()).toBe(0);
});

test('a look that was not sent has the reason, unless the model was only busy', async () => {
  const { video, skipped } = sampledVideo();
  const shown = shownLook(video, async () => frame, new AbortController().signal);
  skipped(null, 'no-frame');
  skipped(5, 'busy');
  await new Promise(setImmediate);
  skipped(null, 'not-connected');
  expect(await shown).toEqual({ frame, result: 'not-connected' });
});

test('a look that fails or lasts too long leaves no listener', async () => {
  const { video, listening } = sampledVideo();
  const limit = new AbortController();
  const failed = shownLook(video, () => Promise.reject(new Error('off')), limit.signal);
  await expect(failed).rejects.toThrow('off');
  const late = shownLook(video, async () => frame, limit.signal);
  await new Promise(setImmediate);
  limit.abort(new Error('too late'));
  await expect(late).rejects.toThrow('too late');
  expect(listening()).toBe(0);
});

test('a picture that is sent by itself takes no longer than the limit of its look', async () => {
  const limit = new AbortController();
  const video = { showRealtime: () => new Promise(() => {}) } as unknown as VideoSession;
  const shown = sentByItself(video, frame, limit.signal).catch((error: unknown) => error);
  const late = new Error('late');
  limit.abort(late);
  expect(await Promise.race([shown, new Promise(setImmediate)])).toBe(late);
});
