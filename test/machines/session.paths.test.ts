import { expect, test } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { avatarInput, newestFrame, SOURCE_ID, sessionInput } from '../support/machines/inputs.ts';
import { ofType } from '../support/machines/recorded.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';
import { Coverage, eventsOf, everyPath, type PathEvent } from '../support/paths.ts';

type Session = typeof sessionMachine;

const { elapsed, done, failed } = eventsOf(sessionMachine);
const pick = pickOf('camera');
const lifecycle: PathEvent<Session>[] = [
  { type: 'session.start', model: 'pipeline' },
  { type: 'session.start', model: 'realtime' },
  { type: 'session.close' },
  { type: 'agent.closed' },
  { type: 'startup.joined' },
  { type: 'startup.ready' },
  { type: 'startup.failed', error: 'no room' },
  done('closing'),
  failed('closing', 'the room hangs'),
  elapsed('closeTimeout', 'closing'),
];
const partFails: PathEvent<Session> = {
  type: 'xstate.error.actor.source:linked/latest',
  error: new Error('no source'),
};
const source: PathEvent<Session>[] = [
  partFails,
  { type: 'source.pinned', selector: 'screen' },
  { type: 'source.opened', source: { id: 'look/screen', selector: 'screen' } },
  { type: 'source.released', sourceId: 'look/screen' },
  { type: 'pick.changed', sourceId: SOURCE_ID, pick, previous: null, reason: 'published' },
  { type: 'streamStatus.changed', sourceId: SOURCE_ID, streamStatus: 'opening', pick, error: null },
  { type: 'streamStatus.changed', sourceId: SOURCE_ID, streamStatus: 'live', pick, error: null },
  { type: 'streamStatus.changed', sourceId: SOURCE_ID, streamStatus: 'paused', pick, error: null },
  { type: 'user.typed' },
  { type: 'mode.set', mode: 'off' },
  { type: 'video.pauseGivenUp', sourceId: SOURCE_ID, waitedMs: 1_700 },
  { type: 'model.waiting' },
  { type: 'model.sighted' },
  { type: 'model.blind', reason: 'not connected' },
];
const answer = { type: 'turn.ready', requestId: 1, frame: newestFrame, error: null } as const;
const others: PathEvent<Session>[] = [
  { type: 'agent.handedOff', agentId: 'other' },
  { type: 'agent.modelChanged', model: 'none', reason: 'it takes text only' },
  { type: 'agent.modelChanged', model: 'realtime', reason: null },
  { type: 'user.speaking' },
  { type: 'user.silent' },
  { type: 'user.typed' },
  { type: 'motion.kept', sourceId: SOURCE_ID, frameIds: [7] },
  { type: 'flow.held', sourceId: SOURCE_ID },
  { type: 'look.requested', sourceId: SOURCE_ID, lookId: 1 },
  { type: 'look.answered', sourceId: SOURCE_ID, lookIds: [1], frameId: 7 },
  { type: 'look.failed', sourceId: SOURCE_ID, lookIds: [1], reason: 'timeout' },
  { type: 'sample.sent', sourceId: SOURCE_ID, frameId: 7 },
  { type: 'sample.skipped', sourceId: SOURCE_ID, frameId: null, reason: 'busy' },
  { type: 'sample.skipped', sourceId: SOURCE_ID, frameId: 7, reason: 'restarting' },
  { type: 'sampler.failed', sourceId: SOURCE_ID, error: 'it threw' },
  {
    type: 'turn.requested',
    requestId: 1,
    requestedAt: 0,
    frame: null,
    frameExpected: false,
    needsWords: false,
  },
  { type: 'turn.committed', requestId: 1 },
  { ...answer, outcome: 'attached' },
  { ...answer, outcome: 'too-old' },
  { type: 'turn.cleared', requestId: 1, frameId: 7 },
  { type: 'turn.discarded', requestId: 1, frameId: 7 },
  { type: 'turn.withdrawn', requestId: 1, frameId: 7 },
];
const ofAvatar: PathEvent<Session>[] = [
  { type: 'avatar.shown' },
  { type: 'persona.set', hasAvatar: false },
];
/** One turn at a time is enough for every transition. */
const key = ({ context }: SnapshotFrom<Session>) => `${context.turns.length > 0}`;
const input = sessionInput;

test('every state is entered and every transition is taken', () => {
  const coverage = new Coverage(sessionMachine);
  coverage.explore({ input, events: [...lifecycle, ...source], key });
  coverage.explore({ input, events: [...lifecycle, ...others], key });
  const withAvatar = { ...sessionInput, avatar: avatarInput };
  coverage.explore({ input: withAvatar, events: [...lifecycle, ...ofAvatar], key });
  console.info(coverage.summary());
  expect(coverage.missed()).toEqual([]);
});

test('every path through the start ends ready, or closed with its cause', () => {
  const paths = everyPath(sessionMachine, { input, events: lifecycle });
  const ends = paths.filter(({ snapshot }) => snapshot.status === 'done');
  expect(ends.length).toBeGreaterThan(20);
  for (const { events, snapshot, reports } of paths) {
    const failures = ofType(reports, 'session.failed');
    const ready = ofType(reports, 'session.ready');
    const asked = events.some(({ type }) => type === 'session.close' || type === 'agent.closed');
    expect(ready.length).toBeLessThanOrEqual(1);
    expect(failures.length).toBeLessThanOrEqual(1);
    // A ready session fails only with a part that it cannot lose.
    if (ready.length === 1 && failures.length === 1)
      expect(events.map(({ type }) => type)).toContainEqual(
        expect.stringMatching(/^xstate\.error/),
      );
    if (snapshot.status !== 'done') continue;
    if (!asked) expect(failures).toMatchObject([{ error: expect.stringMatching(/./) }]);
  }
});

test('a part that fails during the cleanup does not keep the session from its end', () => {
  const closing = { type: 'session.close' } as const;
  const start = { type: 'session.start', model: 'realtime' } as const;
  const coverage = new Coverage(sessionMachine);
  for (const events of [
    [start, closing, partFails],
    [start, partFails, { ...partFails, type: 'xstate.error.actor.link' } as const],
  ]) {
    expect(coverage.follow(input, events)).toMatchObject({ status: 'active', value: 'closing' });
    expect(coverage.follow(input, [...events, done('closing')]).status).toBe('done');
  }
});
