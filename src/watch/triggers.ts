import { fromCallback } from 'xstate';
import type { WatchEvent } from '../machines/watch.types.ts';
import { SceneChange, type SceneChangeOptions } from '../scene/scene-change.ts';
import type { Visibility } from '../scene/visibility.ts';
import type { NextTime } from './schedule.ts';
import { smallPictures, type WatchedVideo } from './watched-video.ts';

/** Longest wait that a timer takes, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface TriggersDeps {
  video: WatchedVideo;
  /** `undefined` where the scene does not matter. */
  onSceneChange: SceneChangeOptions | undefined;
  schedule: NextTime | undefined;
  /** The camera sees in another way. */
  onVisibility(visibility: Visibility): void;
}

/** Asks for looks by a schedule and by changes of the scene. */
export function triggers({ video, onSceneChange, schedule, onVisibility }: TriggersDeps) {
  return fromCallback<WatchEvent>(({ sendBack }) => {
    const due = (cause: 'schedule' | 'change') => sendBack({ type: 'look.due', cause });
    const stops: (() => void)[] = [];
    if (schedule) stops.push(keepSchedule(schedule, () => due('schedule')));
    if (onSceneChange) {
      const change = new SceneChange(onSceneChange);
      let trackSid: string | undefined;
      let visibility: Visibility = 'clear';
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
          if (report.visibility !== visibility) onVisibility(report.visibility);
          visibility = report.visibility;
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
