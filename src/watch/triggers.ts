import { fromCallback } from 'xstate';
import { OptionError } from '../errors.ts';
import type { WatchEvent } from '../machines/watch.types.ts';
import { SceneChange, type SceneChangeOptions } from '../scene/scene-change.ts';
import type { View } from '../scene/view.ts';
import { smallPictures, type WatchedVideo } from './watched-video.ts';

/** Longest wait that a timer takes, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type NextTime = (after: Date) => Date | null;

export interface TriggersDeps {
  video: WatchedVideo;
  /** `undefined` where the scene does not matter. */
  onChange: SceneChangeOptions | undefined;
  schedule: NextTime | undefined;
  /** The camera sees in another way. */
  onView(view: View): void;
}

/** Asks for looks by a schedule and by changes of the scene. */
export function triggers({ video, onChange, schedule, onView }: TriggersDeps) {
  return fromCallback<WatchEvent>(({ sendBack }) => {
    const due = (cause: 'schedule' | 'change') => sendBack({ type: 'look.due', cause });
    const stops: (() => void)[] = [];
    if (schedule) stops.push(keepSchedule(schedule, () => due('schedule')));
    if (onChange) {
      const change = new SceneChange(onChange);
      let trackSid: string | undefined;
      let view: View = 'clear';
      stops.push(
        smallPictures(video, (small, atMs) => {
          if (trackSid !== small.trackSid) {
            // Another source, and the first one: what it shows was not looked at yet.
            change.reset();
            due('change');
          }
          trackSid = small.trackSid;
          const report = change.see(small.picture, atMs);
          if (report.changed || report.settled) due('change');
          if (report.view !== view) onView(report.view);
          view = report.view;
        }),
      );
    }
    return () => {
      for (const stop of stops) stop();
    };
  });
}

function keepSchedule(next: NextTime, onDue: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (at: Date | null) => {
    if (!at) return;
    const leftMs = at.getTime() - Date.now();
    timer = setTimeout(
      () => {
        if (leftMs > MAX_TIMER_MS) return wait(at);
        onDue();
        wait(next(new Date(Math.max(Date.now(), at.getTime()))));
      },
      Math.min(MAX_TIMER_MS, Math.max(0, leftMs)),
    );
  };
  wait(next(new Date()));
  return () => clearTimeout(timer);
}

/** Times of day as a schedule. @throws OptionError */
export function schedule(value: readonly string[] | NextTime | undefined): NextTime | undefined {
  if (value === undefined || typeof value === 'function') return value;
  const times = value.map((text) => {
    const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
    if (!hours || !minutes) throw new OptionError('schedule', text, "use times such as '09:00'");
    return { hours: Number(hours), minutes: Number(minutes) };
  });
  return (after) => {
    const candidates = [0, 1].flatMap((days) =>
      times.map(({ hours, minutes }) => {
        const at = new Date(after);
        at.setDate(at.getDate() + days);
        at.setHours(hours, minutes, 0, 0);
        return at;
      }),
    );
    const later = candidates.filter((at) => at.getTime() > after.getTime());
    return later.sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
  };
}
