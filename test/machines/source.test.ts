import { describe, expect, test } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { sourceMachine } from '../../src/machines/source.machine.ts';
import { discoveryInput, replacementInput, sourceInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { camera, screenA, track } from '../support/machines/simulated-room.ts';
import { seeing, simulatedSource } from '../support/machines/simulated-source.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { Coverage, type PathEvent } from '../support/paths.ts';

type Machine = typeof sourceMachine;

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
  { type: 'flow.held' },
  { type: 'flow.released' },
  { type: 'video.pauseRequested' },
  { type: 'video.resumeRequested' },
  { type: 'video.pauseGivenUp', waitedMs: 1_700 },
  { type: 'video.restRequested' },
  { type: 'video.readRequested' },
  { type: 'streamStatus.changed', streamStatus: 'opening', pick, error: null },
  { type: 'streamStatus.changed', streamStatus: 'live', pick, error: null },
  { type: 'streamStatus.changed', streamStatus: 'paused', pick, error: null },
  { type: 'streamStatus.changed', streamStatus: 'stalled', pick, error: null },
  { type: 'streamStatus.changed', streamStatus: 'none', pick: null, error: null },
  { type: 'mode.set', mode: 'off' },
  { type: 'mode.set', mode: 'sampled' },
  { type: 'user.speaking' },
  { type: 'agent.modelChanged', model: 'pipeline', reason: null },
  { type: 'user.silent' },
  { type: 'user.typed' },
  { type: 'turn.committed' },
  { type: 'motion.kept', frameIds: [7] },
  { type: 'sample.due' },
  { type: 'sample.sent', frameId: 7 },
  { type: 'sample.skipped', frameId: null, reason: 'busy' },
  { type: 'sample.skipped', frameId: 7, reason: 'restarting' },
  { type: 'sampler.failed', error: 'it threw' },
  { type: 'look.requested', lookId: 1 },
  { type: 'look.answered', lookIds: [1], frameId: 7 },
  { type: 'look.failed', lookIds: [1], reason: 'timeout' },
];

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(sourceMachine);
  // One stream at a time is enough for every transition.
  const key = ({ context }: SnapshotFrom<Machine>) => context.streams.length > 0;
  const pipeline = { ...sourceInput, model: 'pipeline' as const };
  for (const mode of ['sampled', 'off'] as const)
    for (const input of [sourceInput, pipeline])
      coverage.explore({ input: { ...input, mode }, events, key });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

describe('a stream', () => {
  test('a stream has one actor from its opening to its close', () => {
    const source = simulatedSource();
    expect(source.watched()).toEqual([]);
    source.publish();
    expect(source.watched()).toEqual(['1 camera']);
    expect(source.value()).toBe('blind');
    source.stream('stream.opened', 'stream.frame');
    expect(source.value()).toBe('seeing');
    source.stream('stream.frame', 'stream.frame');
    expect(source.context()).toMatchObject({ streamStatus: 'live', streams: [1] });

    source.unpublish('camera');
    expect(source.told(1)).toEqual(['stream.close']);
    source.stream('stream.closed');
    expect(source.watched()).toEqual([]);
    expect(source.value()).toBe('blind');
    expect(source.context()).toMatchObject({ streamStatus: 'none', streams: [], pick: null });
    expect(source.statuses()).toEqual(['none', 'opening', 'live', 'none']);
  });

  test('a stream is closed before the one that replaces it is opened', () => {
    const source = seeing();
    source.publish(screenA);
    expect(source.watched()).toEqual(['1 camera']);
    expect(source.told(1)).toEqual(['stream.close']);
    source.stream('stream.closed');
    expect(source.watched()).toEqual(['2 screenA']);
    expect(source.context().pick?.sid).toBe('screenA');
  });

  test('a stream that cannot be opened loses its actor, and is retried with a new one', () => {
    const source = simulatedSource();
    source.publish();
    source.stream('stream.openFailed');
    expect(source.watched()).toEqual([]);
    expect(source.context().streams).toEqual([]);
    source.clock.advance(replacementInput.retryBaseMs);
    expect(source.watched()).toEqual(['2 camera']);
  });

  test('a stream that fails to open during its replacement does not delay the next one', () => {
    const source = simulatedSource();
    source.publish();
    source.publish(screenA);
    source.stream('stream.openFailed');
    expect(source.watched()).toEqual(['2 screenA']);
  });

  test('a stream that ends by itself is closed, and opened again', () => {
    const source = seeing();
    source.stream('stream.ended');
    expect(source.told(1)).toEqual(['stream.close']);
    source.stream('stream.closed');
    source.clock.advance(replacementInput.retryBaseMs);
    expect(source.watched()).toEqual(['2 camera']);
  });

  test('a stream without frames is reported as stalled, and as live when frames return', () => {
    const source = seeing();
    source.clock.advance(replacementInput.stallAfterMs);
    expect(source.value()).toBe('stalled');
    source.stream('stream.frame');
    expect(source.value()).toBe('seeing');
    expect(source.statuses().slice(-3)).toEqual(['live', 'stalled', 'live']);
  });

  test('a stream that never closes does not keep the next one from opening', () => {
    const source = seeing();
    source.publish(screenA);
    source.clock.advance(replacementInput.closeTimeoutMs);
    expect(source.watched()).toEqual(['1 camera', '2 screenA']);
    source.streams.get(1)?.report('stream.closed');
    expect(source.watched()).toEqual(['2 screenA']);
  });
});

describe('the room', () => {
  test('the room learns which subscription is wanted and which one is released', () => {
    const source = simulatedSource();
    source.publish({ ...camera, subscribed: false });
    source.clock.advance(discoveryInput.subscribeGraceMs);
    source.room({ type: 'track.subscribed', sid: 'camera' });
    source.publish(screenA);
    expect(source.toRoom).toEqual([
      { type: 'subscription.wanted', sid: 'camera' },
      { type: 'subscription.released', sid: 'camera' },
    ]);
  });

  test('a stream stays while the room reconnects', () => {
    const source = seeing();
    source.room({ type: 'room.reconnecting' });
    source.unpublish('camera');
    source.room({ type: 'room.synced', tracks: [camera] });
    expect(source.watched()).toEqual(['1 camera']);
    expect(source.told(1)).toEqual([]);
  });

  test('a stream closes when the user leaves, and the track of the next user is opened', () => {
    const source = seeing();
    source.room({ type: 'participant.left', identity: 'user' });
    source.stream('stream.closed');
    expect(source.value()).toBe('blind');
    source.publish(track('camera2'));
    expect(source.watched()).toEqual(['2 camera2']);
  });
});

describe('a pinned track', () => {
  test("a pinned track becomes the stream's track", () => {
    const source = simulatedSource();
    source.publish(screenA);
    source.publish();
    source.stream('stream.opened');
    source.pin('screen');
    source.stream('stream.closed');
    expect(source.watched()).toEqual(['2 screenA']);
  });
});

describe('video that goes off', () => {
  test('a source that goes off closes its stream and keeps the pick for later', () => {
    const source = seeing();
    source.mode('off');
    expect(source.told(1)).toEqual(['stream.close']);
    source.stream('stream.closed');
    expect(source.watched()).toEqual([]);
    expect(source.value()).toBe('closed');
    expect(source.context()).toMatchObject({ streamStatus: 'none', pick: { sid: 'camera' } });
    expect(source.statuses().at(-1)).toBe('none');
  });

  test('a source that is off follows the room, and opens the newest pick when it is switched on', () => {
    const source = seeing();
    source.mode('off');
    source.stream('stream.closed');
    source.publish(screenA);
    expect(source.watched()).toEqual([]);
    expect(source.context().pick?.sid).toBe('screenA');
    const picks = ofType(source.reports, 'pick.changed').map((report) => report.pick?.sid);
    expect(picks).toEqual(['camera', 'screenA']);
    source.mode('onDemand');
    expect(source.value()).toBe('blind');
    expect(source.watched()).toEqual(['2 screenA']);
  });

  test('a source that is off from the start opens nothing until it is switched on', () => {
    const source = simulatedSource({ mode: 'off' });
    source.publish();
    expect(source.value()).toBe('closed');
    source.mode('off');
    expect(source.watched()).toEqual([]);
    source.mode('sampled');
    expect(source.watched()).toEqual(['1 camera']);
  });

  test('a source that goes off has the server send nothing, including tracks that are shared later', () => {
    const source = seeing();
    source.mode('off');
    source.publish(screenA);
    const off = { type: 'video.off', identity: 'user' };
    expect(source.toRoom).toEqual([off, off]);
    source.mode('sampled');
    expect(source.toRoom.slice(2)).toEqual([{ type: 'video.on' }]);
  });

  test('a source that is off from the start has the server send no track that is shared later', () => {
    const source = simulatedSource({ mode: 'off' });
    expect(source.toRoom).toEqual([]);
    source.publish();
    expect(source.toRoom).toEqual([{ type: 'video.off', identity: 'user' }]);
  });

  test('a source that is switched on again during the close opens one new stream', () => {
    const source = seeing();
    source.mode('off');
    source.mode('sampled');
    source.stream('stream.closed');
    expect(source.watched()).toEqual(['2 camera']);
    source.stream('stream.opened', 'stream.frame');
    expect(source.value()).toBe('seeing');
  });

  test('a change between onDemand and sampled does not touch the stream', () => {
    const source = seeing();
    source.mode('onDemand');
    source.mode('sampled');
    expect(source.told(1)).toEqual([]);
    expect(source.value()).toBe('seeing');
  });
});
