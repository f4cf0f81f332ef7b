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

/** A source whose parts only write down what they are told. */
function source(change: Partial<SourceInput> = {}) {
  const { told, part } = listeningParts(...PARTS);
  const machine = sourceMachine.provide({
    // A listener has not the type of the machine that it stands for.
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
    /** What the parts were told since the last call. */
    told: () =>
      Object.fromEntries(
        PARTS.map((name) => [name, told[name].splice(0)]).filter(([, types]) => types?.length),
      ) as Told,
    say: (...events: SourceEvent[]) => {
      for (const event of events) recorded.actor.send(event);
    },
  };
}
/** One for a model that takes no frames between the turns. */
const ofPipeline = () => source({ model: 'pipeline' });

describe('what its parts report', () => {
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
  test.each(reports)('$type goes on, with the id of the source', (report) => {
    const one = source({ id: 'user/camera' });
    one.say(report);
    expect(one.reports).toEqual([{ ...report, sourceId: 'user/camera' }]);
  });

  test('what only they need stays between them', () => {
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

describe('what it is told goes to the parts that it concerns', () => {
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
  ])('%o', (event, told) => {
    const one = source();
    one.say(event);
    expect(one.told()).toEqual(told);
  });

  test('a stream is told to pause, to resume and to close', () => {
    const one = source();
    one.say(oneStream, { type: 'video.pauseRequested' }, { type: 'video.resumeRequested' });
    one.say({ type: 'stream.closeRequested', streamId: 1 });
    expect(one.told()).toEqual({
      pause: ['stream.replaced', 'stream.replaced'],
      replacement: ['video.paused', 'video.resumed'],
      stream: ['stream.pause', 'stream.resume', 'stream.close'],
    });
  });

  test('while video is off another track is noted, and watched by no stream', () => {
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
  ])('%o ends it for the pauses', (event) => {
    const one = source();
    one.say(event);
    expect(one.told()).toEqual({ pause: ['sample.done'] });
  });

  test.each(['busy', 'no-frame', 'off', 'overtaken'] as const)(
    'one that is skipped as %s is still to come: the video is not paused for it',
    (reason) => {
      const one = source();
      one.say(skipped(reason));
      expect(one.told()).toEqual({});
    },
  );
});

describe('a typed turn', () => {
  test('resumes a paused video, and waits for its frame', () => {
    const one = source();
    one.say(status('paused'), { type: 'user.typed' });
    expect(one.told()).toEqual({ pause: ['frame.needed'], sampling: ['sample.awaited'] });
  });

  test('goes with the newest frame while a new stream opens, also after a pause', () => {
    const one = source();
    one.say(status('paused'), status('opening'), { type: 'user.typed' });
    expect(one.told()).toEqual({ sampling: ['sample.due', 'sample.due'] });
  });
});

describe('a model that takes frames, and no other,', () => {
  test('is shown a new stream at once', () => {
    const one = source();
    one.say(status('opening'), status('live'));
    expect(one.told()).toEqual({ sampling: ['sample.due'] });
    const pipeline = ofPipeline();
    pipeline.say(status('opening'));
    expect(pipeline.told()).toEqual({});
  });

  test('is shown what the application looks at', () => {
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

test('its context names pictures, streams and itself by id, and holds none of them', () => {
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
