import { describe, expect, test } from 'vitest';
import { sourceMachine } from '../../src/machines/source.machine.ts';
import type { SourceEvent, SourceInput } from '../../src/machines/source.types.ts';
import type { StreamStatus } from '../../src/source.ts';
import { sourceInput } from '../support/machines/inputs.ts';
import { record } from '../support/machines/recorded.ts';
import { camera } from '../support/machines/simulated-room.ts';
import { listeningParts } from '../support/machines/simulated-source.ts';
import { pickOf } from '../support/machines/simulated-streams.ts';

const pick = pickOf('camera');
const status = (streamStatus: StreamStatus) =>
  ({ type: 'streamStatus.changed', streamStatus, pick, error: null }) as const;
const picked = { type: 'pick.changed', pick, previous: null, reason: 'published' } as const;
const skipped = (reason: Extract<SourceEvent, { type: 'sample.skipped' }>['reason']) =>
  ({ type: 'sample.skipped', frameId: 7, reason }) as const;

const PARTS = [
  'discovery',
  'replacement',
  'pause',
  'sampling',
  'look',
  'motion',
  'room',
  'stream',
] as const;
type Told = Partial<Record<(typeof PARTS)[number], string[]>>;

/** A source whose parts only record the events that they get. */
function source(change: Partial<SourceInput> = {}) {
  const { told, events, part } = listeningParts(...PARTS);
  const machine = sourceMachine.provide({
    // The stand-in does not have the type of the machine that it replaces.
    actors: {
      trackDiscovery: part('discovery'),
      streamReplacement: part('replacement'),
      idlePause: part('pause'),
      frameSampling: part('sampling'),
      look: part('look'),
      turnMotion: part('motion'),
      roomEvents: part('room'),
      videoStream: part('stream'),
    } as never,
  });
  const recorded = record(machine, { ...sourceInput, ...change });
  return {
    ...recorded,
    /** All events that its parts got. */
    events,
    /** The events that the parts got since the last call. */
    told: () =>
      Object.fromEntries(
        PARTS.map((name) => [name, told[name].splice(0)]).filter(([, types]) => types?.length),
      ) as Told,
    say: (...given: SourceEvent[]) => {
      for (const event of given) recorded.actor.send(event);
    },
  };
}
/** A source for a model that takes no frames between turns. */
const ofPipeline = () => source({ model: 'pipeline' });

describe('reports of the parts', () => {
  const reports: SourceEvent[] = [
    picked,
    status('live'),
    status('paused'),
    status('stalled'),
    status('opening'),
    status('none'),
    { type: 'video.pauseGivenUp', waitedMs: 1_700 },
    { type: 'look.answered', lookIds: [1], frameId: 7 },
    { type: 'look.failed', lookIds: [1], reason: 'timeout' },
    { type: 'sample.sent', frameId: 7 },
    { type: 'sample.skipped', frameId: null, reason: 'busy' },
    skipped('restarting'),
    { type: 'sampler.failed', error: 'it threw' },
    { type: 'motion.kept', frameIds: [7] },
  ];
  test.each(reports)('a source passes $type on with its id', (report) => {
    const one = source({ id: 'user/camera' });
    one.say(report);
    expect(one.reports).toEqual([{ ...report, sourceId: 'user/camera' }]);
  });

  test('a source does not report events that only its parts need', () => {
    const one = source();
    one.say(
      { type: 'rate.changed', intervalMs: 1_000 },
      { type: 'rate.tick' },
      { type: 'subscription.wanted', sid: 'camera' },
      { type: 'stream.openRequested', streamId: 1, pick },
      { type: 'stream.opened', streamId: 1 },
      { type: 'video.pauseRequested' },
    );
    expect(one.reports).toEqual([]);
  });
});

describe('events for the parts', () => {
  const oneStream: SourceEvent = { type: 'stream.openRequested', streamId: 1, pick };
  test.each<[SourceEvent, Told]>([
    [{ type: 'room.synced', tracks: [camera] }, { discovery: ['room.synced'] }],
    [{ type: 'participant.linked', identity: 'user' }, { discovery: ['participant.linked'] }],
    [{ type: 'track.muted', sid: 'camera' }, { discovery: ['track.muted'] }],
    [{ type: 'source.pinned', selector: 'screen' }, { discovery: ['source.pinned'] }],
    [{ type: 'subscription.wanted', sid: 'camera' }, { room: ['subscription.wanted'] }],
    [picked, { replacement: ['pick.changed'], motion: ['pick.changed'] }],
    [
      { type: 'mode.set', mode: 'off' },
      { replacement: ['pick.changed'], sampling: ['mode.set'], look: ['mode.set'] },
    ],
    [
      { type: 'mode.set', mode: 'onDemand' },
      { sampling: ['mode.set'], look: ['mode.set'] },
    ],
    [
      { type: 'user.speaking' },
      { pause: ['frame.needed'], sampling: ['user.speaking'], motion: ['user.speaking'] },
    ],
    [{ type: 'user.silent' }, { sampling: ['user.silent'], motion: ['user.silent'] }],
    [{ type: 'user.typed' }, { sampling: ['sample.due'] }],
    [{ type: 'turn.committed' }, { motion: ['turn.committed'] }],
    [{ type: 'sample.due' }, { sampling: ['sample.due'] }],
    [
      { type: 'look.requested', lookId: 1 },
      { pause: ['frame.needed'], look: ['look.requested'] },
    ],
    [{ type: 'flow.held' }, { pause: ['flow.held'] }],
    [{ type: 'flow.released' }, { pause: ['flow.released'] }],
    [{ type: 'rate.changed', intervalMs: 1_000 }, { pause: ['rate.changed'] }],
    [{ type: 'rate.tick' }, { pause: ['rate.tick'] }],
    [{ type: 'motion.kept', frameIds: [7] }, {}],
    [{ type: 'sampler.failed', error: 'it threw' }, {}],
    [oneStream, { pause: ['stream.replaced'] }],
    [{ type: 'stream.opened', streamId: 1 }, { replacement: ['stream.opened'] }],
    [
      { type: 'stream.frame', streamId: 1 },
      { replacement: ['stream.frame'], pause: ['stream.frame'] },
    ],
    [{ type: 'stream.ended', streamId: 1 }, { replacement: ['stream.ended'] }],
    [{ type: 'stream.closed', streamId: 1 }, { replacement: ['stream.closed'] }],
  ])('a source passes %o to the parts that need it', (event, told) => {
    const one = source();
    one.say(event);
    expect(one.told()).toEqual(told);
  });

  test('a source asks its stream to pause, to resume and to close', () => {
    const one = source();
    one.say(oneStream, { type: 'video.pauseRequested' }, { type: 'video.resumeRequested' });
    one.say({ type: 'stream.closeRequested', streamId: 1 });
    expect(one.told()).toEqual({
      pause: ['stream.replaced', 'stream.replaced'],
      replacement: ['video.paused', 'video.resumed'],
      stream: ['stream.pause', 'stream.resume', 'stream.close'],
    });
  });

  test('a source notes another track while video is off, but opens no stream', () => {
    const one = source({ mode: 'off' });
    one.say(picked);
    expect(one.told()).toEqual({ motion: ['pick.changed'], room: ['video.off'] });
    one.say({ type: 'mode.set', mode: 'off' });
    expect(one.told()).toEqual({});
    one.say({ type: 'mode.set', mode: 'sampled' });
    expect(one.told()).toEqual({
      replacement: ['pick.changed'],
      sampling: ['mode.set'],
      look: ['mode.set'],
      room: ['video.on'],
    });
  });
});

describe('the end of a sample', () => {
  test.each<[SourceEvent]>([
    [{ type: 'sample.sent', frameId: 7 }],
    [skipped('closed')],
    [skipped('restarting')],
    [skipped('push-failed')],
    [skipped('encode-failed')],
  ])('%o ends the sample for the pauses', (event) => {
    const one = source();
    one.say(event);
    expect(one.told()).toEqual({ pause: ['sample.done'] });
  });

  test.each(['busy', 'no-frame', 'off', 'overtaken'] as const)(
    'a sample that is skipped as %s is still due, so the video is not paused',
    (reason) => {
      const one = source();
      one.say(skipped(reason));
      expect(one.told()).toEqual({});
    },
  );
});

describe('a typed turn', () => {
  test('a typed turn resumes a paused video and waits for its frame', () => {
    const one = source();
    one.say(status('paused'), { type: 'user.typed' });
    expect(one.told()).toEqual({ pause: ['frame.needed'], sampling: ['sample.awaited'] });
  });

  test('a typed turn gets the newest frame while a new stream opens, also after a pause', () => {
    const one = source();
    one.say(status('paused'), status('opening'), { type: 'user.typed' });
    expect(one.told()).toEqual({ sampling: ['sample.due', 'sample.due'] });
  });
});

describe('a model that takes frames', () => {
  test('only a model that takes frames gets the first frame of a new stream at once', () => {
    const one = source();
    one.say(status('opening'), status('live'));
    expect(one.told()).toEqual({ sampling: ['sample.due'] });
    const pipeline = ofPipeline();
    pipeline.say(status('opening'));
    expect(pipeline.told()).toEqual({});
  });

  test('only a model that takes frames gets the frame of a look', () => {
    const answered: SourceEvent = { type: 'look.answered', lookIds: [1], frameId: 7 };
    const one = source();
    one.say(answered);
    expect(one.told()).toEqual({ sampling: ['sample.due'] });
    const pipeline = ofPipeline();
    pipeline.say(answered);
    expect(pipeline.told()).toEqual({});
    expect(pipeline.reports).toEqual([{ ...answered, sourceId: sourceInput.id }]);
  });
});

describe('the model of another agent', () => {
  const { maxPictures } = sourceInput.motion;
  test.each([
    ['realtime', 'model', 0],
    ['pipeline', 'none', maxPictures],
    ['none', 'none', 0],
  ] as const)(
    'a hand-off to a model of the kind %s changes the route of the frames',
    (model, sink, most) => {
      const one = source({ model: model === 'realtime' ? 'pipeline' : 'realtime' });
      one.say({ type: 'agent.modelChanged', model, reason: null });
      expect(one.told()).toEqual({ sampling: ['sink.changed'], motion: ['motion.limited'] });
      expect(one.events).toEqual([
        { type: 'sink.changed', sink },
        { type: 'motion.limited', maxPictures: most },
      ]);
      one.say(status('opening'));
      expect(one.told()).toEqual(model === 'realtime' ? { sampling: ['sample.due'] } : {});
    },
  );
});

test('the context of a source refers to pictures, streams and itself by id only', () => {
  const one = source({ id: 'user/camera' });
  one.say(picked, { type: 'stream.openRequested', streamId: 4, pick }, status('live'));
  const { parent, ...context } = one.actor.getSnapshot().context;
  expect(parent.id).toBe('parent');
  expect(context).toStrictEqual({
    ...sourceInput,
    id: 'user/camera',
    pick,
    streamStatus: 'live',
    streams: [4],
  });
});
