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

/** A source that writes down what it is made with and asked for. */
interface Spawned {
  input: SourceInput;
  asked: SourceRequest[];
}

/** A session that follows a camera and a screen, whose sources are played. */
function twoSources(
  model: 'pipeline' | 'realtime' = 'pipeline',
  change: Partial<SessionInput> = {},
) {
  const spawned = new Map<SourceId, Spawned>();
  const machine = sessionMachine.provide({
    actors: {
      // A played source has not the type of the machine that it stands for.
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
    /** What each source was asked for. */
    asked: () => Object.fromEntries([...spawned].map(([id, { asked }]) => [id, asked.splice(0)])),
    report: (report: SourceReport) => actor.send(report),
  };
}

describe('two sources', () => {
  test('are actors of their own, by their ids, until the session closes', async () => {
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

  test('report to the session that made them', () => {
    const session = twoSources();
    for (const { input } of session.spawned.values()) expect(input.parent).toBe(session.actor);
  });

  test.each(['pipeline', 'realtime'] as const)('are made for the model: %s', (model) => {
    const session = twoSources(model, { mode: 'onDemand' });
    for (const { input } of session.spawned.values())
      expect(input).toMatchObject({ mode: 'onDemand', model, ...sessionInput.source });
  });

  test('hear of each hand-off to another kind of model, and of no other', () => {
    const session = twoSources('realtime');
    const change = { type: 'agent.modelChanged', reason: null } as const;
    session.actor.send({ ...change, model: 'realtime' });
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [] });
    const toPipeline = { ...change, model: 'pipeline' } as const;
    session.actor.send(toPipeline);
    expect(session.asked()).toEqual({ [CAMERA]: [toPipeline], [SCREEN]: [toPipeline] });
  });

  test('of a model that takes no pictures: it is said once, with the reason', () => {
    const session = twoSources('pipeline');
    const blind = { type: 'agent.modelChanged', model: 'none', reason: 'text only' } as const;
    session.actor.send(blind);
    session.actor.send(blind);
    expect(session.reports).toEqual([{ type: 'model.blind', reason: 'text only' }]);
  });

  test('are known by what each of them shows', () => {
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
  ])('are both told: %o', (event, request) => {
    const session = twoSources();
    session.actor.send(event);
    expect(session.asked()).toEqual({ [CAMERA]: [request], [SCREEN]: [request] });
  });

  test.each<SourceRequest>([
    { type: 'look.requested', lookId: 1 },
    { type: 'flow.held' },
    { type: 'flow.released' },
  ])('are asked one by one: %o', (request) => {
    const session = twoSources();
    session.actor.send({ ...request, sourceId: SCREEN } as SessionEvent);
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [request] });
    session.actor.send({ ...request, sourceId: 'linked/unknown' } as SessionEvent);
    expect(session.asked()).toEqual({ [CAMERA]: [], [SCREEN]: [] });
  });
});

test('what is pinned is in the context, until the choice is given back', () => {
  const session = twoSources();
  expect(session.context().pinned).toBeNull();
  session.actor.send({ type: 'source.pinned', selector: { trackSid: 'TR_1' } });
  expect(session.context().pinned).toEqual({ trackSid: 'TR_1' });
  session.actor.send({ type: 'source.pinned', selector: null });
  expect(session.context().pinned).toBeNull();
});
