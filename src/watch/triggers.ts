import { fromCallback } from 'xstate';
import type { WatchEvent } from '../machines/watch.types.ts';
import { SceneChange, type SceneChangeOptions } from '../scene/scene-change.ts';
import type { Visibility } from '../scene/visibility.ts';
import { textOf } from '../thrown.ts';
import type { NextTime } from './schedule.ts';
import {
  CHANGE_LOOK_MS,
  type SmallPicture,
  smallPictures,
  type WatchedVideo,
} from './watched-video.ts';

/** Longest delay of a timer, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long after a failure the schedule is called again, in ms. */
const SCHEDULE_RETRY_MS = 60_000;

export interface TriggersDeps {
  video: WatchedVideo;
  /** `undefined` if scene changes do not matter. */
  onSceneChange: SceneChangeOptions | undefined;
  schedule: NextTime | undefined;
  /** The schedule threw, or returned no valid time. */
  onScheduleFailed(error: string): void;
  /** The camera's visibility changed. */
  onVisibility(visibility: Visibility): void;
}

/** Requests looks on a schedule and after scene changes. */
export function triggers(deps: TriggersDeps) {
  const { video, onSceneChange, schedule, onScheduleFailed, onVisibility } = deps;
  return fromCallback<WatchEvent>(({ sendBack }) => {
    const due = (cause: 'schedule' | 'change') => sendBack({ type: 'look.due', cause });
    const stops: (() => void)[] = [];
    if (schedule) stops.push(keepSchedule(schedule, () => due('schedule'), onScheduleFailed));
    if (onSceneChange) {
      const change = new SceneChange(onSceneChange);
      let trackSid: string | undefined;
      let visibility: Visibility = 'clear';
      let again: NodeJS.Timeout | undefined;
      const see = (small: SmallPicture, atMs: number) => {
        clearTimeout(again);
        if (trackSid !== small.trackSid) {
          // A new source counts as a change, and so does the first one.
          change.reset();
          due('change');
        }
        trackSid = small.trackSid;
        const report = change.see(small.picture, atMs, small.source);
        if (report.changed || report.settled) due('change');
        if (report.visibility !== visibility) onVisibility(report.visibility);
        visibility = report.visibility;
        // A still screen sends no other frame.
        if (report.pending) again = setTimeout(() => see(small, performance.now()), CHANGE_LOOK_MS);
      };
      stops.push(smallPictures(video, see), () => clearTimeout(again));
    }
    return () => {
      for (const stop of stops) stop();
    };
  });
}

function keepSchedule(
  schedule: NextTime,
  onDue: () => void,
  onFailed: (error: string) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const askAt = (after: Date) => {
    let at: Date | null;
    try {
      at = nextAfter(schedule, after);
    } catch (error) {
      onFailed(textOf(error));
      timer = setTimeout(() => askAt(new Date()), SCHEDULE_RETRY_MS);
      return;
    }
    if (at) wait(at);
  };
  const wait = (at: Date) => {
    const leftMs = at.getTime() - Date.now();
    timer = setTimeout(
      () => {
        if (leftMs > MAX_TIMER_MS) return wait(at);
        onDue();
        askAt(new Date(Math.max(Date.now(), at.getTime())));
      },
      Math.min(MAX_TIMER_MS, Math.max(0, leftMs)),
    );
  };
  askAt(new Date());
  return () => clearTimeout(timer);
}

/** @throws Error if the schedule throws, or returns a time that is not in the future. */
function nextAfter(schedule: NextTime, after: Date): Date | null {
  const at: unknown = schedule(after);
  if (at === null || at === undefined) return null;
  if (!(at instanceof Date) || Number.isNaN(at.getTime()))
    throw new Error(
      'schedule did not return a Date: return the next time, or null if there is none',
    );
  // Such a time would be due at once, again and again.
  if (at <= after)
    throw new Error(
      `schedule returned ${at.toISOString()}, which is not after ${after.toISOString()}`,
    );
  return at;
}
