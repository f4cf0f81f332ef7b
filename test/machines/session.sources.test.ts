import { describe, expect, test } from 'vitest';
import { fromCallback, fromPromise } from 'xstate';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import type { SessionEvent, SessionInput } from '../../src/machines/session.types.ts';
import type { SourceInput, SourceReport, SourceRequest } from '../../src/machines/source.types.ts';
import type { SourceId } from '../../src/source.ts';
import { sessionInput } from '../support/machines/inputs.ts';
import { record } from '../support/machines/recorded.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';

const CAMERA = 'linked/camera';
const SCREEN = 'linked/screen';
const nothing = { pick: null, streamStatus: 'none' } as const;

/** A source that records its input and the events that it gets. */
interface Spawned {
  input: SourceInput;
  asked: SourceRequest[];
}

/** A session with a camera and a screen, whose sources are stand-ins. */
function twoSources(
  model: 'pipeline' | 'realtime' = 'pipeline',
  change: Partial<SessionInput> = {},
) {
  const spawned = new Map<SourceId, Spawned>();
  const machine = sessionMachine.provide({
    actors: {
      // The stand-in does not have the type of the machine that it replaces.
      source: fromCallback<SourceRequest, SourceInput>(({ input, receive }) => {
        const asked: SourceRequest[] = [];
        spawned.set(input.id, { input, asked });
        receive((request) => asked.push(request));
        return () => spawned.delete(input.id);
      }) as never,
      agentEvents: fromCallback<SessionEvent>(() => {}),
      modelLink: fromCallback(() => {}) as never,
      turnCompletion: fromCallback(() => {}) as never,
      startup: fromCallback(() => {}) as never,
      releaseAll: fromPromise<void>(async () => {}),
    },
  });
  const recorded = record(machine, {
    ...sessionInput,
    follow: [
      { id: CAMERA, selector: 'camera' },
      { id: SCREEN, selector: 'screen' },
    ],
    ...change,
  });
  const { actor } = recorded;
  actor.send({ type: 'session.start', model });
  return {
    ...recorded,
    spawned,
    context: () => actor.getSnapshot().context,
    children: () => Object.keys(actor.getSnapshot().children),
    /** The events that each source got. */
    asked: () => Object.fromEntries([...spawned].map(([id, { asked }]) => [id, asked.splice(0)])),
    report: (report: SourceReport) => actor.send(report),
  };
}

describe('two sources', () => {
  test('two sources are actors with their own ids until the session closes', async () => {
    const session = twoSources();
    expect(session.children()).toEqual(
      expect.arrayContaining([`source:${CAMERA}`, `source:${SCREEN}`]),
    );
    const inputs = [...session.spawned.values()].map(({ input: { id, selector } }) => [
      id,
      selector,
    ]);
    expect(inputs).toEqual([
      [CAMERA, 'camera'],
      [SCREEN, 'screen'],
    ]);
    session.actor.send({ type: 'session.close' });
    expect(session.spawned.size).toBe(0);
    expect(session.children()).not.toContain(`source:${CAMERA}`);
    expect(session.children()).not.toContain(`source:${SCREEN}`);
  });

  test('two sources report to the session that created them', () => {
    const session = twoSources();
    for (const { input } of session.spawned.values()) expect(input.parent).toBe(session.actor);
  });

  test.each(['pipeline', 'realtime'] as const)(
    'two sources are created for the model: %s',
    (model) => {
      const session = twoSources(model, { mode: 'onDemand' });
      for (const { input } of session.spawned.values())
        expect(input).toMatchObject({ mode: 'onDemand', model, ...sessionInput.source });
    },
  );

  test('two sources get each hand-off to another kind of model, and no other hand-off', () => {
    const session = twoSources('realtime');
    const change = { type: 'agent.modelChanged', reason: null } as const;
    session.actor.send({ ...change, model: 'realtime' });
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [] });
    const toPipeline = { ...change, model: 'pipeline' } as const;
    session.actor.send(toPipeline);
    expect(session.asked()).toEqual({ [CAMERA]: [toPipeline], [SCREEN]: [toPipeline] });
  });

  test('a hand-off to a model that takes no pictures is reported once, with the reason', () => {
    const session = twoSources('pipeline');
    const blind = { type: 'agent.modelChanged', model: 'none', reason: 'text only' } as const;
    session.actor.send(blind);
    session.actor.send(blind);
    expect(session.reports).toEqual([{ type: 'model.blind', reason: 'text only' }]);
  });

  test('a session keeps what each of two sources shows', () => {
    const session = twoSources();
    expect(session.context().sources).toEqual({ [CAMERA]: nothing, [SCREEN]: nothing });
    const pick = pickOf('screen');
    const ofScreen = { sourceId: SCREEN, pick } as const;
    session.report({ type: 'pick.changed', ...ofScreen, previous: null, reason: 'published' });
    session.report({
      type: 'streamStatus.changed',
      ...ofScreen,
      streamStatus: 'live',
      error: null,
    });
    expect(session.context().sources).toEqual({
      [CAMERA]: nothing,
      [SCREEN]: { pick, streamStatus: 'live' },
    });
    expect(session.reports).toMatchObject([{ sourceId: SCREEN }, { sourceId: SCREEN }]);
    session.actor.send({ type: 'session.close' });
    expect(session.context().sources).toEqual({ [CAMERA]: nothing, [SCREEN]: nothing });
  });

  test.each<[SessionEvent, SourceRequest]>([
    [
      { type: 'source.pinned', selector: 'screen' },
      { type: 'source.pinned', selector: 'screen' },
    ],
    [
      { type: 'mode.set', mode: 'off' },
      { type: 'mode.set', mode: 'off' },
    ],
    [{ type: 'user.speaking' }, { type: 'user.speaking' }],
    [{ type: 'user.silent' }, { type: 'user.silent' }],
    [{ type: 'user.typed' }, { type: 'user.typed' }],
    [{ type: 'turn.committed', requestId: 1 }, { type: 'turn.committed' }],
  ])('both sources get %o', (event, request) => {
    const session = twoSources();
    session.actor.send(event);
    expect(session.asked()).toEqual({ [CAMERA]: [request], [SCREEN]: [request] });
  });

  test.each<SourceRequest>([
    { type: 'look.requested', lookId: 1 },
    { type: 'flow.held' },
    { type: 'flow.released' },
  ])('one of two sources gets %o', (request) => {
    const session = twoSources();
    session.actor.send({ ...request, sourceId: SCREEN } as SessionEvent);
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [request] });
    session.actor.send({ ...request, sourceId: 'linked/unknown' } as SessionEvent);
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [] });
  });
});

test('a pin is kept in the context until it is removed', () => {
  const session = twoSources();
  expect(session.context().pinned).toBeNull();
  session.actor.send({ type: 'source.pinned', selector: { trackSid: 'TR_1' } });
  expect(session.context().pinned).toEqual({ trackSid: 'TR_1' });
  session.actor.send({ type: 'source.pinned', selector: null });
  expect(session.context().pinned).toBeNull();
});
