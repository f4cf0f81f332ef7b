import { describe, expect, test } from 'vitest';
import { Situation } from '../../../src/testing/story/situation.ts';
import {
  FIELDS,
  fieldProblem,
  hasControl,
  hasLink,
  isPushToTalk,
  isSpoken,
  masksOf,
  type Step,
} from '../../../src/testing/story/steps.ts';

const START: Step = { do: 'start', agent: 'pipeline' };
const JOIN: Step = { do: 'join' };
const CAMERA: Step = { do: 'share', what: 'camera' };

/** Why the last of these steps is not possible after the others. */
function problem(...steps: Step[]): string | undefined {
  const situation = new Situation();
  const last = steps.pop() as Step;
  for (const step of steps) {
    expect(situation.problem(step), step.do).toBeUndefined();
    situation.apply(step);
  }
  return situation.problem(last)?.what;
}

describe('the steps that are possible', () => {
  test('an agent starts once, and nothing comes after the close', () => {
    expect(problem(START)).toBeUndefined();
    expect(problem(START, START)).toBe('comes again');
    expect(problem(START, { do: 'close' }, JOIN)).toBe('comes after close');
    expect(problem(START, { do: 'close' }, START)).toBe('comes after close');
  });

  test.each<Step>([
    { do: 'type' },
    { do: 'speak' },
    { do: 'press', end: 'release' },
    { do: 'interrupt' },
    { do: 'look' },
    { do: 'say', ms: 400 },
    { do: 'bargeIn' },
    { do: 'handOff', to: 'gemini' },
    { do: 'modeByUser', mode: 'off' },
    { do: 'setParticipant' },
  ])('a step needs an agent that has started: %j', (step) => {
    expect(problem(JOIN, step)).toBe('comes before the agent starts');
    expect(problem(START, JOIN, step)).toBeUndefined();
  });

  test.each<Step>([
    { do: 'mode', mode: 'off' },
    { do: 'pin', what: null },
    { do: 'still', ms: 1 },
  ])('a step is possible before the agent starts: %j', (step) => {
    expect(problem(step)).toBeUndefined();
  });

  test('speech needs the user in the room, who has to hear it', () => {
    const say: Step = { do: 'say', ms: 400 };
    const alone = 'comes while the user is not in the room';
    expect(problem(START, say)).toBe(alone);
    expect(problem(START, { do: 'join', who: 'guest' }, say)).toBe(alone);
    expect(problem(START, JOIN, { do: 'leave' }, say)).toBe(alone);
    expect(problem(START, JOIN, { do: 'rejoin' }, say)).toBeUndefined();
  });

  test('the user asks by voice with a button, or without one', () => {
    const press: Step = { do: 'press', end: 'cancel' };
    expect(problem(START, press, press)).toBeUndefined();
    expect(problem(START, press, { do: 'type' })).toBeUndefined();
    expect(problem(START, press, { do: 'speak' })).toBe('comes with press');
    expect(problem(START, { do: 'speak' }, press)).toBe('comes with speak');
    expect([isPushToTalk([START, press]), isPushToTalk([START])]).toEqual([true, false]);
  });

  test('a step of an avatar or a mask needs one', () => {
    for (const step of [
      { do: 'avatarDies' },
      { do: 'avatarLeaves' },
      { do: 'avatarSwapped', to: 'none' },
    ] as const) {
      expect(problem(START, JOIN, step)).toBe('needs an avatar');
      expect(problem({ ...START, avatar: 'well' }, JOIN, step)).toBeUndefined();
    }
    const setMask: Step = { do: 'setMask', to: 'slow' };
    expect(problem(START, setMask)).toBe('needs a mask');
    expect(problem({ ...START, mask: 'well' }, setMask)).toBeUndefined();
  });

  test('the application watches and publishes once, in a story with a mask', () => {
    for (const step of [{ do: 'watch' }, { do: 'publish' }] as const) {
      expect(problem(START, step)).toBe('needs a mask');
      expect(problem({ ...START, mask: 'well' }, step)).toBeUndefined();
      expect(problem({ ...START, mask: 'well' }, step, step)).toBe('comes again');
    }
    expect(problem({ ...START, mask: 'well' }, { do: 'watch' }, { do: 'publish' })).toBeUndefined();
    expect(problem(START, { do: 'pin', what: null }, { do: 'pin', what: null })).toBeUndefined();
  });

  test('only the connection of the agent that is active can be dropped or refused', () => {
    for (const step of [
      { do: 'drop', code: 1006 },
      { do: 'refuse', how: '503', ms: 1 },
    ] as const) {
      for (const agent of ['gemini', 'openai'] as const)
        expect(problem({ do: 'start', agent }, step)).toBeUndefined();
      expect(problem(START, step)).toBe('needs a model with a connection');
      for (const to of ['textOnly', 'voiceOnly', 'pipeline'] as const)
        expect(
          problem({ do: 'start', agent: 'gemini' }, { do: 'handOff', to }, step),
        ).toBeDefined();
      expect(problem(START, { do: 'handOff', to: 'openai' }, step)).toBeUndefined();
    }
  });

  test('a person joins once, and acts only while in the room', () => {
    expect(problem(JOIN, JOIN)).toBe('user is in the room');
    expect(problem(JOIN, { do: 'join', who: 'guest' })).toBeUndefined();
    expect(problem(JOIN, { do: 'leave' }, JOIN)).toBeUndefined();
    for (const step of [
      { do: 'leave' },
      { do: 'rejoin' },
      CAMERA,
      { do: 'turnPhone' },
      { do: 'show', what: 'camera' },
    ] as const)
      expect(problem({ do: 'join', who: 'guest' }, step)).toBe('user is not in the room');
  });

  test('a source is shared once, and changed only while it is shared', () => {
    expect(problem(JOIN, CAMERA, CAMERA)).toBe('user shares the camera');
    expect(problem(JOIN, CAMERA, { do: 'share', what: 'screen' })).toBeUndefined();
    for (const kind of ['unshare', 'mute', 'unmute', 'show'] as const) {
      const not = 'user does not share the camera';
      expect(problem(JOIN, { do: 'share', what: 'screen' }, { do: kind, what: 'camera' })).toBe(
        not,
      );
      expect(
        problem(JOIN, CAMERA, { do: 'unshare', what: 'camera' }, { do: kind, what: 'camera' }),
      ).toBe(not);
    }
    expect(problem(JOIN, { do: 'turnPhone' })).toBe('user does not share the camera');
    expect(problem(JOIN, { do: 'share', what: 'screen' }, { do: 'turnPhone' })).toBeDefined();
    expect(problem(JOIN, CAMERA, { do: 'turnPhone' })).toBeUndefined();
    expect(problem(JOIN, CAMERA, { do: 'show', what: 'camera' })).toBeUndefined();
  });

  test('a source is muted once, and unmuted only while it is muted', () => {
    const mute: Step = { do: 'mute', what: 'camera' };
    const unmute: Step = { do: 'unmute', what: 'camera' };
    expect(problem(JOIN, CAMERA, mute)).toBeUndefined();
    expect(problem(JOIN, CAMERA, mute, mute)).toBe('the camera is muted');
    expect(problem(JOIN, CAMERA, unmute)).toBe('the camera is not muted');
    expect(problem(JOIN, CAMERA, mute, unmute)).toBeUndefined();
    expect(problem(JOIN, CAMERA, mute, unmute, unmute)).toBe('the camera is not muted');
    expect(
      problem(JOIN, CAMERA, { do: 'share', what: 'screen' }, mute, {
        do: 'mute',
        what: 'screen',
      }),
    ).toBeUndefined();
  });

  test('a rejoin keeps the sources of the person, and a leave does not', () => {
    const mute: Step = { do: 'mute', what: 'camera' };
    expect(problem(JOIN, CAMERA, { do: 'rejoin' }, mute)).toBeUndefined();
    expect(problem(JOIN, CAMERA, { do: 'leave' }, JOIN, mute)).toBe(
      'user does not share the camera',
    );
  });
});

describe('the kinds of stories', () => {
  test('a story is spoken with a step of speech or an avatar, and then has a link', () => {
    const spoken: Step[] = [
      { do: 'say', ms: 400 },
      { do: 'bargeIn' },
      { do: 'avatarDies' },
      { do: 'avatarLeaves' },
      { do: 'avatarSwapped', to: 'none' },
      { ...START, avatar: 'well' },
    ];
    for (const step of spoken) expect([isSpoken([step]), hasLink([step])]).toEqual([true, true]);
    for (const step of [{ do: 'setParticipant' }, { do: 'modeByUser', mode: 'off' }] as const)
      expect([isSpoken([step]), hasLink([step])]).toEqual([false, true]);
    expect([isSpoken([START, JOIN]), hasLink([START, JOIN])]).toEqual([false, false]);
    expect(hasControl([{ do: 'modeByUser', mode: 'off' }])).toBe(true);
    expect(hasControl([{ do: 'mode', mode: 'off' }])).toBe(false);
  });

  test('the masks of a story are that of its start and its changes', () => {
    expect(
      masksOf([
        { ...START, mask: 'slow' },
        { do: 'setMask', to: 'failing' },
      ]),
    ).toEqual(['slow', 'failing']);
    expect(masksOf([START, JOIN])).toEqual([]);
  });
});

describe('the values of a field', () => {
  test('one of some, and nothing if it is optional', () => {
    const field = { oneOf: ['a', null] };
    expect([fieldProblem(field, 'a'), fieldProblem(field, null)]).toEqual([undefined, undefined]);
    expect(fieldProblem(field, 'b')).toBe('give one of "a", null');
    expect(fieldProblem(field, undefined)).toBeDefined();
    expect(fieldProblem({ ...field, isOptional: true }, undefined)).toBeUndefined();
    expect(fieldProblem({ ...field, isOptional: true }, 'b')).toBeDefined();
  });

  test('a list of some, or nothing', () => {
    const field = { listOf: ['a', 'b'] };
    for (const good of [undefined, [], ['a'], ['b', 'a']])
      expect(fieldProblem(field, good)).toBeUndefined();
    for (const wrong of ['a', ['a', 'c'], {}])
      expect(fieldProblem(field, wrong)).toBe('give a list of a, b');
  });

  test('a number up to a limit, and nothing if it is optional', () => {
    const field = { upTo: 5 };
    for (const good of [0, 5, 2.5]) expect(fieldProblem(field, good)).toBeUndefined();
    for (const wrong of [-1, 6, '3', Number.NaN, undefined])
      expect(fieldProblem(field, wrong)).toBe('give a number from 0 to 5');
    expect(fieldProblem({ ...field, isOptional: true }, undefined)).toBeUndefined();
    expect(fieldProblem({ ...field, isOptional: true }, 6)).toBeDefined();
  });

  test('the fields that a step may leave out', () => {
    const optional = Object.entries(FIELDS).flatMap(([kind, fields]) =>
      Object.entries(fields)
        .filter(([, field]) => fieldProblem(field, undefined) === undefined)
        .map(([name]) => `${kind}.${name}`),
    );
    expect(optional).toEqual([
      ...['start.avatar', 'start.mask', 'start.attachBudgetMs'],
      ...['join.who', 'leave.who', 'rejoin.who', 'share.who', 'unshare.who', 'mute.who'],
      ...['unmute.who', 'show.who', 'turnPhone.who', 'type.tools', 'speak.tools'],
      'press.tools',
      ...['modeByUser.who', 'look.what', 'setParticipant.who', 'close.what'],
    ]);
  });
});
