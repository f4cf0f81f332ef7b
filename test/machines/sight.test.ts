import { describe, expect, test } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { sightMachine } from '../../src/machines/sight.machine.ts';
import { discoveryInput, replacementInput, sightInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA, track } from '../support/machines/simulated-room.ts';
import { seeing, simulatedSight } from '../support/machines/simulated-sight.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { Coverage, type PathEvent } from '../support/paths.ts';

type Machine = typeof sightMachine;

const pick = pickOf('camera');
const events: PathEvent<Machine>[] = [
  { type: 'room.synced', tracks: [camera] },
  { type: 'participant.linked', identity: 'user' },
  { type: 'track.published', track: camera },
  { type: 'source.pinned', selector: 'screen' },
  { type: 'subscription.wanted', sid: 'camera' },
  { type: 'pick.changed', pick, previous: null, reason: 'published' },
  { type: 'stream.openRequested', streamId: 1, pick },
  { type: 'stream.closeRequested', streamId: 1 },
  { type: 'stream.opened', streamId: 1 },
  { type: 'stream.openFailed', streamId: 1, error: 'refused' },
  { type: 'stream.frame', streamId: 1 },
  { type: 'stream.closed', streamId: 1 },
  { type: 'rate.changed', intervalMs: 1_000 },
  { type: 'rate.tick' },
  { type: 'sample.done' },
  { type: 'frame.needed' },
  { type: 'flow.held' },
  { type: 'flow.released' },
  { type: 'video.pauseRequested' },
  { type: 'video.resumeRequested' },
  { type: 'video.pauseGivenUp', waitedMs: 1_700 },
  { type: 'streamStatus.changed', sight: 'live', pick, error: null },
  { type: 'streamStatus.changed', sight: 'paused', pick, error: null },
  { type: 'streamStatus.changed', sight: 'stalled', pick, error: null },
  { type: 'streamStatus.changed', sight: 'none', pick: null, error: null },
  { type: 'mode.set', mode: 'off' },
  { type: 'mode.set', mode: 'sampled' },
];

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(sightMachine);
  // One stream at a time is enough for every transition.
  const key = ({ context }: SnapshotFrom<Machine>) => context.streams.length > 0;
  for (const mode of ['sampled', 'off'] as const)
    coverage.explore({ input: { ...sightInput, mode }, events, key });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a stream', () => {
  test('has one actor from its opening to its close', () => {
    const sight = simulatedSight();
    expect(sight.watched()).toEqual([]);
    sight.publish();
    expect(sight.watched()).toEqual(['1 camera']);
    expect(sight.value()).toBe('blind');
    sight.stream('stream.opened', 'stream.frame');
    expect(sight.value()).toBe('seeing');
    sight.stream('stream.frame', 'stream.frame');
    expect(sight.context()).toMatchObject({ sight: 'live', streams: [1] });

    sight.unpublish('camera');
    expect(sight.told(1)).toEqual(['stream.close']);
    sight.stream('stream.closed');
    expect(sight.watched()).toEqual([]);
    expect(sight.value()).toBe('blind');
    expect(sight.context()).toMatchObject({ sight: 'none', streams: [], pick: null });
    expect(sight.sights()).toEqual(['none', 'opening', 'live', 'none']);
  });

  test('is closed before the one that replaces it is opened', () => {
    const sight = seeing();
    sight.publish(screenA);
    expect(sight.watched()).toEqual(['1 camera']);
    expect(sight.told(1)).toEqual(['stream.close']);
    sight.stream('stream.closed');
    expect(sight.watched()).toEqual(['2 screenA']);
    expect(sight.context().pick?.sid).toBe('screenA');
  });

  test('that cannot be opened loses its actor, and is tried again with a new one', () => {
    const sight = simulatedSight();
    sight.publish();
    sight.stream('stream.openFailed');
    expect(sight.watched()).toEqual([]);
    expect(sight.context().streams).toEqual([]);
    sight.clock.advance(replacementInput.retryBaseMs);
    expect(sight.watched()).toEqual(['2 camera']);
  });

  test('that cannot be opened while it is replaced does not hold up the next one', () => {
    const sight = simulatedSight();
    sight.publish();
    sight.publish(screenA);
    sight.stream('stream.openFailed');
    expect(sight.watched()).toEqual(['2 screenA']);
  });

  test('that ends by itself is closed, and opened again', () => {
    const sight = seeing();
    sight.stream('stream.ended');
    expect(sight.told(1)).toEqual(['stream.close']);
    sight.stream('stream.closed');
    sight.clock.advance(replacementInput.retryBaseMs);
    expect(sight.watched()).toEqual(['2 camera']);
  });

  test('without frames is told as stalled, and as seen again', () => {
    const sight = seeing();
    sight.clock.advance(replacementInput.stallAfterMs);
    expect(sight.value()).toBe('stalled');
    sight.stream('stream.frame');
    expect(sight.value()).toBe('seeing');
    expect(sight.sights().slice(-3)).toEqual(['live', 'stalled', 'live']);
  });

  test('that never closes does not keep the next one from opening', () => {
    const sight = seeing();
    sight.publish(screenA);
    sight.clock.advance(replacementInput.closeTimeoutMs);
    expect(sight.watched()).toEqual(['1 camera', '2 screenA']);
    sight.streams.get(1)?.report('stream.closed');
    expect(sight.watched()).toEqual(['2 screenA']);
  });
});

describe('the room', () => {
  test('is told which subscription is wanted, and which one is given back', () => {
    const sight = simulatedSight();
    sight.publish({ ...camera, subscribed: false });
    sight.clock.advance(discoveryInput.subscribeGraceMs);
    sight.room({ type: 'track.subscribed', sid: 'camera' });
    sight.publish(screenA);
    expect(sight.toRoom).toEqual([
      { type: 'subscription.wanted', sid: 'camera' },
      { type: 'subscription.released', sid: 'camera' },
    ]);
  });

  test('may reconnect: the stream stays', () => {
    const sight = seeing();
    sight.room({ type: 'room.reconnecting' });
    sight.unpublish('camera');
    sight.room({ type: 'room.synced', tracks: [camera] });
    expect(sight.watched()).toEqual(['1 camera']);
    expect(sight.told(1)).toEqual([]);
  });

  test('may lose the user: the stream closes, and the next user is seen', () => {
    const sight = seeing();
    sight.room({ type: 'participant.left', identity: 'user' });
    sight.stream('stream.closed');
    expect(sight.value()).toBe('blind');
    sight.publish(track('camera2'));
    expect(sight.watched()).toEqual(['2 camera2']);
  });
});

describe('a pinned source', () => {
  test('reaches the stream', () => {
    const sight = simulatedSight();
    sight.publish(screenA);
    sight.publish();
    sight.stream('stream.opened');
    sight.pin('screen');
    sight.stream('stream.closed');
    expect(sight.watched()).toEqual(['2 screenA']);
  });
});

describe('video that goes off', () => {
  test('closes the stream, and remembers the pick for later', () => {
    const sight = seeing();
    sight.mode('off');
    expect(sight.told(1)).toEqual(['stream.close']);
    sight.stream('stream.closed');
    expect(sight.watched()).toEqual([]);
    expect(sight.value()).toBe('closed');
    expect(sight.context()).toMatchObject({ sight: 'none', pick: { sid: 'camera' } });
    expect(sight.sights().at(-1)).toBe('none');
  });

  test('follows the room all the same, and watches the newest pick when it comes on', () => {
    const sight = seeing();
    sight.mode('off');
    sight.stream('stream.closed');
    sight.publish(screenA);
    expect(sight.watched()).toEqual([]);
    expect(sight.context().pick?.sid).toBe('screenA');
    const picks = ofType(sight.reports, 'pick.changed').map((report) => report.pick?.sid);
    expect(picks).toEqual(['camera', 'screenA']);
    sight.mode('onDemand');
    expect(sight.value()).toBe('blind');
    expect(sight.watched()).toEqual(['2 screenA']);
  });

  test('from the start opens nothing until it comes on', () => {
    const sight = simulatedSight({ mode: 'off' });
    sight.publish();
    expect(sight.value()).toBe('closed');
    sight.mode('off');
    expect(sight.watched()).toEqual([]);
    sight.mode('sampled');
    expect(sight.watched()).toEqual(['1 camera']);
  });

  test('is not sent either, nor what is shared meanwhile, until it comes on', () => {
    const sight = seeing();
    sight.mode('off');
    sight.publish(screenA);
    const off = { type: 'video.off', identity: 'user' };
    expect(sight.toRoom).toEqual([off, off]);
    sight.mode('sampled');
    expect(sight.toRoom.slice(2)).toEqual([{ type: 'video.on' }]);
  });

  test('from the start is not sent as soon as somebody shares it', () => {
    const sight = simulatedSight({ mode: 'off' });
    expect(sight.toRoom).toEqual([]);
    sight.publish();
    expect(sight.toRoom).toEqual([{ type: 'video.off', identity: 'user' }]);
  });

  test('comes on again in mid-close with one new stream', () => {
    const sight = seeing();
    sight.mode('off');
    sight.mode('sampled');
    sight.stream('stream.closed');
    expect(sight.watched()).toEqual(['2 camera']);
    sight.stream('stream.opened', 'stream.frame');
    expect(sight.value()).toBe('seeing');
  });

  test('between two modes that see leaves the stream alone', () => {
    const sight = seeing();
    sight.mode('onDemand');
    sight.mode('sampled');
    expect(sight.told(1)).toEqual([]);
    expect(sight.value()).toBe('seeing');
  });
});
