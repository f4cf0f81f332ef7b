import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { number, object, oneOf, text, wholeNumber, yesOrNo } from '../src/checks.ts';
import {
  AvatarError,
  DuplicateFrameworkError,
  EncodeError,
  LookError,
  OptionError,
  OutputError,
  PointError,
  ProcessorError,
  SessionStateError,
  SightlineError,
  StartTimeoutError,
  UnsupportedModelError,
} from '../src/errors.ts';

const cause = new Error('cause');

describe('the errors of Sightline', () => {
  test.each<[string, SightlineError, object, string]>([
    [
      'unsupported-model',
      new UnsupportedModelError('m', 'use n'),
      { model: 'm' },
      'm cannot see: use n',
    ],
    [
      'session-state',
      new SessionStateError('closed'),
      { state: 'closed' },
      'is closed: make a new one',
    ],
    ['start-timeout', new StartTimeoutError('late'), {}, 'late'],
    ['look-off', new LookError('off', 'x'), { reason: 'off' }, 'x'],
    ['point-gone', new PointError('gone', 'x', { cause }), { reason: 'gone', cause }, 'x'],
    ['encode', new EncodeError('x', { cause }), { cause }, 'x'],
    [
      'processor',
      new ProcessorError('mask', 'late', { cause }),
      { processor: 'mask', cause },
      'the processor "mask" withholds its frames: late',
    ],
    ['output-closed', new OutputError('closed', 'x', { cause }), { reason: 'closed', cause }, 'x'],
    ['avatar-exited', new AvatarError('exited', 'x', { cause }), { reason: 'exited', cause }, 'x'],
  ])('an error has a code, its facts and a message: %s', (code, error, facts, message) => {
    expect(error).toBeInstanceOf(SightlineError);
    expect(error).toMatchObject({ code, name: error.constructor.name, ...facts });
    expect(error.message).toContain(message);
  });

  test('an error that a console prints with its cause has no secret of either', () => {
    const key = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
    const error = new SightlineError('x', `no ${key}`, { cause: new Error(`not ${key}`) });
    expect(error.message).not.toContain(key);
    const printed = inspect(error);
    expect(printed).not.toContain(key);
    expect(printed).toContain('[cause]');
  });

  test.each<[unknown, string]>([
    ['text', '"text"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}"`],
    [5, '5'],
    [false, 'false'],
    [null, 'null'],
    [undefined, 'undefined'],
    [7n, '7n'],
    [function find() {}, 'the function find'],
    [() => {}, 'of type function'],
    [[1, 2], 'an array of 2'],
    [new Map(), 'of class Map'],
    [{ a: 1 }, 'of type object'],
    [Object.create(null), 'of type object'],
    [Symbol('x'), 'of type symbol'],
  ])('an option error describes its value in one line: %s', (value, described) => {
    const error = new OptionError('turn.pictures', value, 'use a number');
    expect(error.message).toBe(`turn.pictures is ${described}: use a number`);
    expect(error).toMatchObject({
      code: 'option',
      option: 'turn.pictures',
      remedy: 'use a number',
    });
    expect(error.value).toBe(value);
    expect(Object.keys(error)).not.toContain('value');
  });

  test('an option error may state its problem without the value', () => {
    const error = new OptionError('x', 'secret', 'remove it', 'is unknown');
    expect(error.message).toBe('x is unknown: remove it');
  });

  test('two copies of the framework are named with the way to one', () => {
    const copy = { version: '1.9.0', folder: '/a', build: 'ES modules' } as const;
    const twice = new DuplicateFrameworkError('AgentSession', copy, { ...copy, build: 'CommonJS' });
    expect(twice.message).toContain(
      "(1.9.0, CommonJS, /a) than Sightline's (1.9.0, ES modules, /a)",
    );
    expect(twice.remedy).toContain('never with `require`');
    const other = new DuplicateFrameworkError('AgentSession', copy, { ...copy, folder: '/b' });
    expect(other.remedy).toContain('npm dedupe');
    const unknown = new DuplicateFrameworkError('Agent', undefined, undefined);
    expect(unknown.message).toContain('at an unknown path');
    expect(unknown.remedy).toContain('npm dedupe');
    expect(unknown).toMatchObject({ className: 'Agent', own: undefined, other: undefined });
  });
});

describe('the checks of options', () => {
  const refused = (check: () => unknown, remedy: string) => {
    expect(check).toThrow(OptionError);
    expect(check).toThrow(remedy);
  };

  test('a number is in its range, bounds included, and whole if it has to be', () => {
    expect([number('x', 0.5, 0.5, 2), number('x', 2, 0.5, 2)]).toEqual([0.5, 2]);
    for (const wrong of [0.4, 2.1, Number.NaN, '1', undefined])
      refused(() => number('x', wrong, 0.5, 2), 'use a number from 0.5 to 2');
    expect([wholeNumber('x', 1, 1, 3), wholeNumber('x', 3, 1, 3)]).toEqual([1, 3]);
    for (const wrong of [0, 4, 1.5, '2', Number.POSITIVE_INFINITY])
      refused(() => wholeNumber('x', wrong, 1, 3), 'use a whole number from 1 to 3');
  });

  test('a choice, a switch, a text and an object are of their kind', () => {
    expect(oneOf('x', 'b', ['a', 'b'])).toBe('b');
    for (const wrong of ['c', undefined, 1])
      refused(() => oneOf('x', wrong, ['a', 'b']), "use one of 'a', 'b'");
    expect([yesOrNo('x', true), yesOrNo('x', false)]).toEqual([true, false]);
    for (const wrong of [0, 'true', undefined])
      refused(() => yesOrNo('x', wrong), 'use true or false');
    expect(text('x', ' a ')).toBe(' a ');
    for (const wrong of ['', '  ', 1, undefined]) refused(() => text('x', wrong), 'not empty');
    refused(() => text('x', '', 'name it'), 'name it');
    expect(() => object('x', {})).not.toThrow();
    for (const wrong of [null, [], 'a', undefined, () => {}])
      refused(() => object('x', wrong), 'use an object with options');
    refused(() => object('x', null, 'pass a room'), 'pass a room');
  });
});
