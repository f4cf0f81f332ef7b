import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelKind } from '../../src/source.ts';
import { newestFrame, sessionInput } from '../support/machines/inputs.ts';
import { ofType, walks } from '../support/machines/recorded.ts';
import { track } from '../support/machines/simulated-room.ts';
import { type SimulatedSession, simulatedSession } from '../support/machines/simulated-session.ts';

/** An event of a session. `number` selects one of several, or a duration. */
const happenings = [
  'publish',
  'publish',
  'publish',
  'unpublish',
  'mute',
  'unmute',
  'user leaves',
  'reconnecting',
  'synced',
  'stream opened',
  'stream opened',
  'stream frame',
  'stream frame',
  'stream failed',
  'stream ended',
  'stream closed',
  'stream closed',
  'turn requested',
  'turn committed',
  'picture encoded',
  'picture failed',
  'look',
  'fresh frame',
  'video off',
  'video on',
  'user speaks',
  'user falls silent',
  'model connected',
  'model disconnected',
  'model closed silently',
  'sample due',
  'sample due',
  'captured',
  'pushed',
  'room connected',
  'agent started',
  'time',
  'time',
] as const;
interface Happening {
  what: (typeof happenings)[number];
  number: number;
}
const walk = fc.array(
  fc.record({ what: fc.constantFrom(...happenings), number: fc.nat({ max: 999 }) }),
  { minLength: 20, maxLength: 50 },
);
const model = fc.constantFrom<ModelKind[]>('pipeline', 'realtime');
const sids = ['camera', 'screenA', 'screenB'];

class Walk {
  readonly session: SimulatedSession = simulatedSession();
  requests = 0;
  looks = 0;

  async take({ what, number }: Happening): Promise<void> {
    const { session } = this;
    const { jobs } = session;
    const sid = sids[number % sids.length] ?? 'camera';
    if (what === 'publish') session.room({ type: 'track.published', track: track(sid) });
    else if (what === 'unpublish') session.room({ type: 'track.unpublished', sid });
    else if (what === 'mute') session.room({ type: 'track.muted', sid });
    else if (what === 'unmute') session.room({ type: 'track.unmuted', sid });
    else if (what === 'user leaves') session.room({ type: 'participant.left', identity: 'user' });
    else if (what === 'reconnecting') session.room({ type: 'room.reconnecting' });
    else if (what === 'synced') session.room({ type: 'room.synced', tracks: [track(sid)] });
    else if (what.startsWith('stream')) this.#stream(what, number);
    else if (what === 'turn requested')
      session.request(++this.requests, number % 3 === 0 ? null : newestFrame, number % 2 === 0);
    else if (what === 'turn committed')
      session.agent({
        type: 'turn.committed',
        requestId: Math.max(1, this.requests - (number % 2)),
      });
    else if (what === 'picture encoded') await jobs.encode.done(newestFrame);
    else if (what === 'picture failed') await jobs.encode.failed('a broken frame');
    else if (what === 'look') session.look(++this.looks);
    else if (what === 'fresh frame') {
      await jobs.freshFrame.done(newestFrame);
      await jobs.look.done(newestFrame);
    } else if (what === 'video off') session.mode('off');
    else if (what === 'video on') session.mode('sampled');
    else if (what === 'user speaks') session.agent({ type: 'user.speaking' });
    else if (what === 'user falls silent') session.agent({ type: 'user.silent' });
    else if (what === 'model connected') session.connection('model.connected');
    else if (what === 'model disconnected') session.connection('model.disconnected');
    else if (what === 'model closed silently') session.connection('model.closedSilently');
    else if (what === 'sample due') session.sampler({ type: 'sample.due', byRate: true });
    else if (what === 'captured') await jobs.capture.done({ frameId: number });
    else if (what === 'pushed') await jobs.push.done({ result: 'sent' });
    else if (what === 'room connected') await jobs.connect.done();
    else if (what === 'agent started') await jobs.start.done();
    else await session.clock.advanceSettling(number);
  }

  #stream(what: Happening['what'], number: number) {
    const running = [...this.session.streams.values()];
    const stream = running[number % Math.max(1, running.length)];
    if (what === 'stream opened') stream?.report('stream.opened');
    else if (what === 'stream frame') stream?.report('stream.frame');
    else if (what === 'stream failed') stream?.report('stream.openFailed');
    else if (what === 'stream ended') stream?.report('stream.ended');
    else if (stream?.told.includes('stream.close')) stream.report('stream.closed');
  }
}

async function run(
  kind: ModelKind,
  given: readonly Happening[],
  check: (walk: Walk) => void = () => {},
) {
  const taken = new Walk();
  taken.session.start(kind);
  taken.session.room({ type: 'participant.linked', identity: 'user' });
  for (const one of given) {
    await taken.take(one);
    check(taken);
  }
  return taken;
}

test('close() in any state leaves no child, no timer and no resource', async () => {
  await fc.assert(
    fc.asyncProperty(model, walk, fc.boolean(), async (kind, given, releases) => {
      const { session } = await run(kind, given);
      session.close();
      if (releases) await session.jobs.release.done();
      else await session.clock.advanceSettling(sessionInput.closeTimeoutMs);
      // A start that timed out has already closed it.
      await session.clock.advanceSettling(sessionInput.closeTimeoutMs);
      expect(session.actor.getSnapshot()).toMatchObject({ value: 'closed', status: 'done' });
      expect(session.children()).toEqual([]);
      expect([...session.leaves]).toEqual([]);
      expect(session.clock.pending).toBe(0);
    }),
    walks(25),
  );
});

test('the spawned actors are exactly the streams and turns of the contexts', async () => {
  await fc.assert(
    fc.asyncProperty(model, walk, async (kind, given) => {
      await run(kind, given, ({ session }) => {
        const spawned = session.children().filter((id) => id.startsWith('turn-'));
        const { turns } = session.context();
        expect(spawned.sort()).toEqual(turns.map((id) => `turn-${id}`).sort());
        const streams = session.source()?.getSnapshot().context.streams ?? [];
        expect([...session.streams.keys()]).toEqual(streams);
      });
    }),
    walks(25),
  );
});

test('at most one stream is not closing, and none while video is off', async () => {
  await fc.assert(
    fc.asyncProperty(model, walk, async (kind, given) => {
      await run(kind, given, ({ session }) => {
        const open = [...session.streams.values()].filter(
          ({ told }) => !told.includes('stream.close'),
        );
        expect(open.length).toBeLessThanOrEqual(session.context().mode === 'off' ? 0 : 1);
      });
    }),
    walks(25),
  );
});

test("nothing is sent while video is off, and the session's knowledge matches its source", async () => {
  await fc.assert(
    fc.asyncProperty(model, walk, async (kind, given) => {
      let sent = 0;
      await run(kind, given, ({ session }) => {
        const sentNow = ofType(session.reports, 'sample.sent').length;
        const { mode } = session.context();
        if (mode === 'off') expect(sentNow).toBe(sent);
        sent = sentNow;
        const source = session.source()?.getSnapshot();
        if (!source) return;
        const { pick, streamStatus } = source.context;
        expect(session.seen()).toEqual({ pick, streamStatus });
        expect(source.value === 'closed').toBe(mode === 'off');
      });
    }),
    walks(25),
  );
});

test('every request of a pipeline model is answered once, and none of a realtime model', async () => {
  await fc.assert(
    fc.asyncProperty(model, walk, async (kind, given) => {
      const taken = await run(kind, given);
      const { session } = taken;
      // A start that timed out ended the turns with the session.
      if (!session.actor.getSnapshot().matches('open')) return;
      await session.jobs.connect.done();
      await session.jobs.start.done();
      await session.clock.advanceSettling(sessionInput.turn.attachBudgetMs);
      const answered = ofType(session.reports, 'turn.ready').map(({ requestId }) => requestId);
      const asked = Array.from({ length: taken.requests }, (_, index) => index + 1);
      expect(answered.sort((a, b) => a - b)).toEqual(kind === 'pipeline' ? asked : []);
    }),
    walks(25),
  );
});
