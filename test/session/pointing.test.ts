import { afterEach, expect, test, vi } from 'vitest';
import type { VideoRoom } from '../../src/actors/video-room.ts';
import type { FrameRef } from '../../src/frame.ts';
import { ShownFrames } from '../../src/frames/shown-frames.ts';
import type { Region } from '../../src/processors/region.ts';
import { type Place, Pointing } from '../../src/session/pointing.ts';
import type { SessionActor } from '../../src/session/session-actor.ts';

afterEach(() => vi.useRealTimers());

const frame = (id: number, trackSid: string, source: FrameRef['source'] = 'camera'): FrameRef => ({
  ...{ id, trackSid, source, identity: 'ada', width: 64, height: 48, receivedAt: 0 },
});
const same = (part: Region): Region => part;

/** A session in which the model was shown frame 7 of the camera, and later frame 9 of the screen. */
function stage() {
  const state = { isOpen: true, mode: 'sampled', linked: 'ada' as string | null };
  const sent: { message: object; options: object }[] = [];
  const camera = { sid: 'TR_camera', muted: false };
  const publications = new Map([
    ['TR_camera', camera],
    ['TR_screen', { sid: 'TR_screen', muted: false }],
  ]);
  const room = {
    isConnected: true,
    remoteParticipants: new Map([
      ['ada', { identity: 'ada', attributes: {}, trackPublications: publications }],
    ]),
    localParticipant: {
      publishData: async (data: Uint8Array, options: object) => {
        sent.push({ message: JSON.parse(new TextDecoder().decode(data)), options });
      },
    } as VideoRoom['localParticipant'],
    on: () => {},
    off: () => {},
  };
  const actor = {
    getSnapshot: () => ({
      hasTag: (tag: string) => tag === 'open' && state.isOpen,
      context: { mode: state.mode },
    }),
  } as unknown as SessionActor;
  const shown = new ShownFrames();
  shown.add({ ref: frame(7, 'TR_camera'), toFrame: same, toProcessed: same });
  shown.add({ ref: frame(9, 'TR_screen', 'screen'), toFrame: same, toProcessed: same });
  const linkedIdentity = vi.fn(() => state.linked);
  const pointing = new Pointing({ actor, room, shown, linkedIdentity });
  const point = (place: Partial<Place> = {}) =>
    pointing.point({ x: 0.25, y: 0.5, label: 'Here', ...place });
  return { state, sent, camera, publications, room, shown, linkedIdentity, point };
}

test('a point is sent reliably, and only to the participant that is served', async () => {
  const { point, sent } = stage();
  const message = await point({ label: ' Click\nhere ' });
  expect(message).toEqual({
    ...{ version: 1, frame: 9, participant: 'ada', track: 'TR_screen', source: 'screen' },
    ...{ x: 0.25, y: 0.5, label: 'Click here' },
  });
  expect(sent).toEqual([
    {
      message,
      options: {
        ...{ reliable: true, destination_identities: ['ada'], topic: 'sightline.point' },
      },
    },
  ]);
});

test('a box is sent with its size', async () => {
  const { point } = stage();
  expect(await point({ x: 0.1, y: 0.2, width: 0.3, height: 0.4 })).toMatchObject({
    ...{ x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
  });
  // A box may end at the edge, whatever the rounding of the sum.
  expect(await point({ x: 0.9, y: 0.7, width: 0.1, height: 0.3 })).toMatchObject({ width: 0.1 });
});

test('the frame or the source of a place can be named', async () => {
  const { point } = stage();
  expect(await point({ source: 'camera' })).toMatchObject({ frame: 7, source: 'camera' });
  expect(await point({ frameId: 7 })).toMatchObject({ frame: 7, track: 'TR_camera' });
});

test.each<[string, Partial<Place>]>([
  ['there is no picture of the video that you saw', {}],
  ['there is no picture of the screen that you saw', { source: 'screen' }],
  ['frame 7 is not one of the video that you saw', { frameId: 7 }],
  ['frame 7 is not one of the camera that you saw', { frameId: 7, source: 'camera' }],
])('a place in a frame that was taken away is refused: %s', async (words, place) => {
  const { shown, point } = stage();
  shown.revoke('all');
  await expect(point(place)).rejects.toMatchObject({
    reason: 'unseen',
    message: expect.stringContaining(words),
  });
});

test('the participant is read first, because its change takes frames away', async () => {
  const { shown, linkedIdentity, point } = stage();
  linkedIdentity.mockImplementation(() => {
    shown.revoke('all');
    return 'bob';
  });
  await expect(point()).rejects.toMatchObject({ reason: 'unseen' });
});

test.each<[string, string, (at: ReturnType<typeof stage>) => void]>([
  ['closed', 'the session is not open', ({ state }) => (state.isOpen = false)],
  ['off', 'the video is off', ({ state }) => (state.mode = 'off')],
  ['gone', 'the track is muted', ({ camera }) => (camera.muted = true)],
  ['gone', 'the track is gone', ({ publications }) => publications.delete('TR_camera')],
  ['gone', 'there is no participant', ({ state }) => (state.linked = null)],
  ['unsent', 'the room was left', ({ room }) => (room.localParticipant = undefined)],
])('a point fails with %s if %s', async (reason, _, change) => {
  const at = stage();
  change(at);
  await expect(at.point({ source: 'camera' })).rejects.toMatchObject({ reason });
  expect(at.sent).toEqual([]);
});

test('a message that the room refuses is reported with the reason', async () => {
  const { room, point } = stage();
  const refusal = new Error('too large');
  room.localParticipant = { publishData: () => Promise.reject(refusal) };
  await expect(point()).rejects.toMatchObject({
    reason: 'unsent',
    message: 'the mark did not reach the user: too large',
    cause: refusal,
  });
  room.localParticipant = { publishData: () => Promise.reject('too long') };
  await expect(point()).rejects.toThrow('did not reach the user: too long');
});

test('a message that is not sent within two seconds is reported', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { room, point } = stage();
  room.localParticipant = { publishData: () => new Promise(() => {}) };
  const failed = expect(point()).rejects.toMatchObject({
    reason: 'unsent',
    message: expect.stringContaining('it was not sent within 2000 ms'),
  });
  await vi.advanceTimersByTimeAsync(1999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await failed;
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, Partial<Place>, string]>([
  ['width and height', { width: 0.1 }, 'use both for a box, or neither'],
  ['width and height', { height: 0.1 }, 'use both for a box, or neither'],
  ['x + width', { x: 0.5, width: 0.6, height: 0.1 }, 'use a box inside the picture'],
  ['y + height', { y: 0.5, width: 0.1, height: 0.6 }, 'use a box inside the picture'],
  ['x', { x: 1.1 }, 'from 0 to 1'],
  ['label', { label: ' \n\u200b' }, 'use 1 to 80 visible characters'],
  ['label', { label: 'a'.repeat(81) }, 'use 1 to 80 visible characters'],
])('an invalid %s is refused: %j', async (option, place, remedy) => {
  const { point } = stage();
  await expect(point(place)).rejects.toMatchObject({
    option,
    message: expect.stringContaining(remedy),
  });
});

test('a label of 80 characters is accepted', async () => {
  expect((await stage().point({ label: 'a'.repeat(80) })).label).toHaveLength(80);
});

test('a place in a picture with bars is mapped to the frame, and cut at its edges', async () => {
  const { shown, point } = stage();
  // The frame fills the middle half of the width of the picture.
  const toFrame = ({ x, y, width, height }: Region): Region => ({
    ...{ x: (x - 0.25) * 2, y, width: width * 2, height },
  });
  shown.add({ ref: frame(11, 'TR_screen', 'screen'), toFrame, toProcessed: toFrame });
  const box = { y: 0.1, width: 0.2, height: 0.1 };
  expect(await point({ x: 0.2, ...box })).toMatchObject({ x: 0, width: 0.3, y: 0.1, height: 0.1 });
  expect(await point({ x: 0.6, ...box })).toMatchObject({ x: 0.7, width: 0.3 });
  for (const x of [0.1, 0.7])
    await expect(point({ x, ...box })).rejects.toMatchObject({ reason: 'outside' });
  await expect(point({ x: 0.2 })).rejects.toMatchObject({ reason: 'outside' });
});

test('a place has at most six decimals', async () => {
  expect(await stage().point({ x: 1 / 3, y: 2 / 3 })).toMatchObject({ x: 0.333333, y: 0.666667 });
});
