import { Cron } from 'croner';
import { OptionError } from '../errors.ts';

/** The next time after a date; `null` if there is none. */
export type NextTime = (after: Date) => Date | null;

/**
 * Reads the options `schedule` and `timeZone`.
 * @throws OptionError
 */
export function nextTimeOf(
  schedule: readonly string[] | NextTime | undefined,
  timeZone: string | undefined,
): NextTime | undefined {
  if (timeZone !== undefined) checkTimeZone(timeZone, schedule);
  if (schedule === undefined || typeof schedule === 'function') return schedule;
  if (!Array.isArray(schedule))
    throw new OptionError('schedule', schedule, "pass a list of times, such as ['09:00']");
  const times = schedule.map((text: string) => cronOf(text, timeZone));
  return (after) => {
    const next = times.flatMap((time) => time.nextRun(after) ?? []);
    return next.reduce<Date | null>((first, at) => (first && first <= at ? first : at), null);
  };
}

function cronOf(text: string, timezone: string | undefined): Cron {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  try {
    return new Cron(hours ? `${minutes} ${hours} * * *` : text, timezone ? { timezone } : {});
  } catch {
    const remedy = "use times such as '09:00', or cron expressions such as '0 9 * * MON-FRI'";
    throw new OptionError('schedule', text, remedy);
  }
}

function checkTimeZone(timeZone: string, schedule: unknown): void {
  if (!Array.isArray(schedule))
    throw new OptionError('timeZone', timeZone, 'use it only if schedule is a list of times');
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    const remedy = "use a name of the IANA time zones, such as 'Europe/Berlin'";
    throw new OptionError('timeZone', timeZone, remedy);
  }
}
