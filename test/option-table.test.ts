import { describe, expect, test } from 'vitest';
import { OptionError } from '../src/errors.ts';
import {
  choice,
  described,
  filled,
  nested,
  number,
  optional,
  text,
  whole,
  yesOrNo,
} from '../src/option-table.ts';

const ROWS = {
  waitMs: number(500, 1, 1000, 'ms'),
  looks: whole(2, 1, 9, 'looks'),
  most: number(Number.POSITIVE_INFINITY, 1, 100, 'frames'),
  mode: choice('off', ['off', 'on']),
  loud: yesOrNo(false),
  name: text('look'),
  label: text(''),
  width: optional(whole(undefined, 1, 100, 'pixels'), "the frame's"),
  room: described('a room'),
};

const DEFAULTS = {
  waitMs: 500,
  looks: 2,
  most: Number.POSITIVE_INFINITY,
  mode: 'off',
  loud: false,
  name: 'look',
  label: '',
  width: undefined,
};

describe('options', () => {
  test.each([[undefined], [{}], [{ waitMs: undefined, room: 5 }]])(
    'options that are not set have their defaults: %j',
    (given) => {
      expect(filled('', given, ROWS)).toEqual(DEFAULTS);
    },
  );

  test('options that are set replace the defaults', () => {
    const given = { waitMs: 1.5, looks: 9, most: 3, mode: 'on', loud: true, name: 'see', width: 4 };
    expect(filled('', given, ROWS)).toEqual({ ...DEFAULTS, ...given });
  });

  test('options can be set to their defaults', () => {
    expect(filled('', DEFAULTS, ROWS)).toEqual(DEFAULTS);
  });

  test.each([
    ['limits.waitMs', { waitMs: 0 }, 'is 0: use a number from 1 to 1000'],
    ['limits.waitMs', { waitMs: '5' }, 'is "5": use a number from 1 to 1000'],
    ['limits.looks', { looks: 1.5 }, 'is 1.5: use a whole number from 1 to 9'],
    ['limits.mode', { mode: 'of' }, `is "of": use one of 'off', 'on'`],
    ['limits.loud', { loud: 1 }, 'is 1: use true or false'],
    ['limits.name', { name: ' ' }, 'is " ": use a string that is not empty'],
    ['limits.width', { width: 0 }, 'is 0: use a whole number from 1 to 100'],
    ['limits', 5, 'is 5: use an object with options'],
    ['limits', [], 'is an array of 0: use an object with options'],
    ['limits', null, 'is null: use an object with options'],
  ])('an option out of range is reported by name: %s %j', (option, given, message) => {
    const make = () => filled('limits', given as object, ROWS);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(expect.objectContaining({ option, message: `${option} ${message}` }));
  });

  test('options that are no object are reported as the options', () => {
    expect(() => filled('', 5 as never, ROWS)).toThrow('options is 5: use an object with options');
  });

  test('a required option has no default', () => {
    const rows = { fps: whole(undefined, 1, 120, 'pictures a second') };
    expect(() => filled('', {}, rows)).toThrow(
      'fps is undefined: use a whole number from 1 to 120',
    );
  });

  const limits = nested({ waitMs: number(500, 1, 1000, 'ms') });
  test.each([
    ['turn', { keepPicture: 1 }, 'turn.keepPicture', 'did you mean turn.keepPictures?'],
    ['', { KeepPictures: 1 }, 'KeepPictures', 'did you mean keepPictures?'],
    ['', { KEEP_PICTURES: 1 }, 'KEEP_PICTURES', 'did you mean keepPictures?'],
    ['', { waitMs: 1 }, 'waitMs', 'did you mean limits.waitMs?'],
    // Two wrong letters, or a third of a long name.
    ['', { limt: 1 }, 'limt', 'did you mean limits?'],
    ['', { keptPicturs: 1 }, 'keptPicturs', 'did you mean keepPictures?'],
    ['', { lim: 1 }, 'lim', 'use keepPictures, limits'],
    ['', { zoom: 1 }, 'zoom', 'use keepPictures, limits'],
    ['', { zoom: undefined }, 'zoom', 'use keepPictures, limits'],
    ['', { constructor: 1 }, 'constructor', 'use keepPictures, limits'],
  ])(
    'an unknown option is reported with the nearest right name: %s %j',
    (path, given, option, remedy) => {
      const rows = { keepPictures: whole(1, 0, 9, 'pictures'), limits };
      const make = () => filled(path, given as object, rows);
      expect(make).toThrow(OptionError);
      expect(make).toThrow(
        expect.objectContaining({ option, message: `${option} is not an option: ${remedy}` }),
      );
    },
  );

  test('an unknown option is reported without its value, which may be a key', () => {
    const rows = { apiSecret: described('a text') };
    expect(() => filled('', { apiSecrt: 'a-long-secret-of-a-test' } as object, rows)).toThrow(
      /^apiSecrt is not an option: did you mean apiSecret\?$/,
    );
  });
});
