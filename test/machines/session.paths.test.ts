import { expect, test } from 'vitest';
import type { InputFrom, SnapshotFrom } from 'xstate';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { Coverage, eventsOf, everyPath, type PathEvent } from '../support/paths.ts';
import { newestFrame, sessionInput } from './inputs.ts';
import { ofType } from './recorded.ts';
import { camera } from './simulated-room.ts';
import { pickOf } from './simulated-streams.ts';

type Session = typeof sessionMachine;

const { elapsed, done, failed } = eventsOf(sessionMachine);
const pick = pickOf('camera');
const lifecycle: PathEvent<Session>[] = [
  { type: 'session.start', model: 'pipeline' },
  { type: 'session.start', model: 'realtime' },
  { type: 'session.close' },
  { type: 'agent.closed' },
  done('open.startup.connecting'),
  failed('open.startup.connecting', 'no room'),
  elapsed('connectTimeout', 'open.startup.connecting'),
  done('open.startup.starting'),
  failed('open.startup.starting', 'no agent'),
  elapsed('startTimeout', 'open.startup.starting'),
  done('closing'),
  failed('closing', 'the room hangs'),
  elapsed('closeTimeout', 'closing'),
];
const sight: PathEvent<Session>[] = [
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
  { type: 'stream.closed', streamId: 1 },
  { type: 'sight.changed', sight: 'live', pick, error: null },
  { type: 'sight.changed', sight: 'stalled', pick, error: null },
  { type: 'sight.changed', sight: 'none', pick: null, error: null },
  { type: 'mode.set', mode: 'off' },
  { type: 'mode.set', mode: 'sampled' },
];
const answer = { type: 'turn.ready', requestId: 1, frame: newestFrame, error: null } as const;
const others: PathEvent<Session>[] = [
  { type: 'agent.handedOff', agentId: 'other' },
  { type: 'user.speaking' },
  { type: 'look.requested', lookId: 1 },
  { type: 'look.answered', lookIds: [1], frameId: 7 },
  { type: 'look.failed', lookIds: [1], reason: 'timeout' },
  { type: 'sample.sent', frameId: 7 },
  { type: 'sample.skipped', frameId: null, reason: 'busy' },
  { type: 'sampler.failed', error: 'it threw' },
  { type: 'turn.requested', requestId: 1, requestedAt: 0, frame: null, frameExpected: false },
  { type: 'turn.committed', requestId: 1 },
  { ...answer, outcome: 'attached' },
  { ...answer, outcome: 'too-old' },
  { type: 'turn.cleared', requestId: 1, frameId: 7 },
  { type: 'turn.discarded', requestId: 1, frameId: 7 },
];
/** One stream and one turn at a time are enough for every transition. */
const key = ({ context }: SnapshotFrom<Session>) => [
  context.streams.length > 0,
  context.turns.length > 0,
];
const inputs: InputFrom<Session>[] = [
  sessionInput,
  { ...sessionInput, sampling: { ...sessionInput.sampling, mode: 'off' } },
];

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(sessionMachine);
  for (const input of inputs) {
    coverage.explore({ input, events: [...lifecycle, ...sight], key });
    coverage.explore({ input, events: [...lifecycle, ...others], key });
  }
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

test('every way through the start ends ready, or closed with its cause', () => {
  const paths = everyPath(sessionMachine, { input: sessionInput, events: lifecycle });
  const ends = paths.filter(({ snapshot }) => snapshot.status === 'done');
  expect(ends.length).toBeGreaterThan(20);
  for (const { events, snapshot, reports } of paths) {
    const failures = ofType(reports, 'session.failed');
    const ready = ofType(reports, 'session.ready');
    const asked = events.some(({ type }) => type === 'session.close' || type === 'agent.closed');
    expect(ready.length).toBeLessThanOrEqual(1);
    if (ready.length === 1) expect(failures).toEqual([]);
    if (snapshot.status !== 'done') continue;
    if (!asked) expect(failures).toMatchObject([{ error: expect.stringMatching(/./) }]);
  }
});
