import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.ts';
import { nextTimeOf } from '../../src/watch/schedule.ts';

const BERLIN = 'Europe/Berlin';

describe('the next time of a schedule', () => {
  test.each<[string[], string, string, string | null]>([
    [['09:00'], BERLIN, '2026-06-01T06:59:59.999Z', '2026-06-01T07:00:00.000Z'],
    [['09:00'], BERLIN, '2026-06-01T07:00:00.000Z', '2026-06-02T07:00:00.000Z'],
    [['17:30', '09:00'], BERLIN, '2026-06-01T07:00:00.000Z', '2026-06-01T15:30:00.000Z'],
    [['17:30', '09:00'], 'America/New_York', '2026-06-01T22:00:00Z', '2026-06-02T13:00:00.000Z'],
    [['0 9 * * MON-FRI'], BERLIN, '2026-06-05T08:00:00Z', '2026-06-08T07:00:00.000Z'],
    [['*/20 * * * * *'], 'UTC', '2026-06-05T08:00:01Z', '2026-06-05T08:00:20.000Z'],
    [['0 0 * * *', '09:00'], 'UTC', '2026-06-05T08:00:00Z', '2026-06-05T09:00:00.000Z'],
    [['0 0 31 2 *'], 'UTC', '2026-06-05T08:00:00Z', null],
    [[], 'UTC', '2026-06-05T08:00:00Z', null],
  ])('the next time of %j in %s after %s: %s', (schedule, timeZone, after, next) => {
    const found = nextTimeOf(schedule, timeZone)?.(new Date(after));
    expect(found?.toISOString() ?? null).toBe(next);
  });

  test('a time that the clock skips becomes the next valid one, and a repeated time counts once', () => {
    const next = nextTimeOf(['02:30'], BERLIN);
    const from = (time: string) => next?.(new Date(time))?.toISOString();
    expect(from('2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(from('2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
    expect(from('2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(from('2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  test('a schedule without a time zone uses that of the machine', () => {
    const at = nextTimeOf(['09:00'], undefined)?.(new Date());
    expect([at?.getHours(), at?.getMinutes(), at?.getSeconds()]).toEqual([9, 0, 0]);
  });

  test('the next time of a function is its result', () => {
    const at = new Date(0);
    expect(nextTimeOf(() => at, undefined)?.(new Date())).toBe(at);
    expect(nextTimeOf(undefined, undefined)).toBeUndefined();
  });
});

test.each<[string, unknown, string | undefined]>([
  ['schedule', ['25:00'], undefined],
  ['schedule', ['9:00'], undefined],
  ['schedule', ['09:00', ''], undefined],
  ['schedule', ['0 25 * * *'], undefined],
  ['schedule', ['* * *'], undefined],
  ['schedule', [5], undefined],
  ['schedule', '09:00', undefined],
  ['timeZone', ['09:00'], 'Mars/Base'],
  ['timeZone', ['09:00'], ''],
  ['timeZone', () => null, BERLIN],
  ['timeZone', undefined, BERLIN],
])('an invalid %s is named: %j, %s', (option, schedule, timeZone) => {
  const make = () => nextTimeOf(schedule as string[], timeZone);
  expect(make).toThrow(OptionError);
  expect(make).toThrow(expect.objectContaining({ option }));
});
