import { createActor, fromCallback, fromPromise, SimulatedClock } from 'xstate';
import { shrinkLuma } from '../../../src/frames/luma.ts';
import { watchMachine } from '../../../src/machines/watch.machine.ts';
import type { WatchEvent, WatchVerdict } from '../../../src/machines/watch.types.ts';
import { SCENE_SIZE, SceneChange } from '../../../src/scene/scene-change.ts';
import { GeneratedVideo } from '../../../src/testing/generated-video.ts';
import { watchInput } from '../../../src/watch/watch-options.ts';
import type { WatchFigures } from '../result.ts';
import { driftingLight, meaninglessThings, type ScriptedEvent, scriptedEvents } from './script.ts';

/** Interval between two compared frames, in ms. */
const FRAME_MS = 200;
/** An act this long after an event still belongs to it, in ms. */
const LATE_MS = 1500;
/**
 * Threshold of edges. A sheet adds a stripe at each 9 of 640 pixels, of which every second is
 * compared: 0.012 for the smallest sheet (5.5 % of the picture). All small things together add
 * 0.002.
 */
const SHEET_EDGES = 0.006;

export interface WatchScript {
  events?: number;
  quietMinutes?: number;
  seed?: number;
}

/**
 * A watch of a generated video in simulated time, with the real scene change and the real machine.
 * The decision reads the pixels, and does not know the script.
 */
export async function benchWatch({
  events: count = 50,
  quietMinutes = 30,
  seed = 8,
}: WatchScript = {}): Promise<WatchFigures> {
  const quietMs = quietMinutes * 60_000;
  const events = scriptedEvents(count, quietMs, seed);
  const video = new GeneratedVideo({
    seed,
    light: driftingLight,
    patches: (ms) => [
      ...events.filter(({ from, to }) => ms >= from && ms < to).map(({ patch }) => patch),
      ...meaninglessThings(ms),
    ],
  });
  const small = (ms: number) => shrinkLuma(video.at(ms), SCENE_SIZE.width, SCENE_SIZE.height);
  const usual = small(0).edges;

  const clock = new SimulatedClock();
  const acts: number[] = [];
  let tell: (event: WatchEvent) => void = () => {};
  let looks = 0;
  const actor = createActor(
    watchMachine.provide({
      actors: {
        triggers: fromCallback<WatchEvent>(({ sendBack }) => {
          tell = sendBack;
        }),
        floorEvents: fromCallback(() => {}),
        look: fromPromise<void, { lookId: number }>(async () => {
          looks++;
        }),
        decide: fromPromise<WatchVerdict, { lookId: number }>(async () => ({
          act: small(clock.now()).edges - usual > SHEET_EDGES,
        })),
        act: fromPromise<void, { lookId: number }>(async () => {
          acts.push(clock.now());
        }),
      },
    }),
    {
      clock,
      input: watchInput({
        onSceneChange: true,
        decide: () => false,
        act: 'event',
        confirm: { looks: 2, of: 3, everyMs: 400 },
        coolDownMs: 15_000,
        budget: { actsPerHour: 3 * count },
      }),
    },
  );
  actor.start();
  actor.send({ type: 'watch.start' });
  const change = new SceneChange();
  const end = quietMs + count * (events[0] ? events[0].to - events[0].from : 0);
  for (let ms = 0; ms <= end; ms += FRAME_MS) {
    const { changed, settled } = change.see(small(ms), ms);
    if (changed || settled) tell({ type: 'look.due', cause: 'change' });
    await new Promise((resolve) => setImmediate(resolve));
    clock.increment(FRAME_MS);
  }
  actor.stop();
  return { ...score(events, acts), quietMinutes, looks };
}

/** Each act belongs to at most one event, and each event to one act. */
function score(events: readonly ScriptedEvent[], acts: readonly number[]) {
  const acted = events.filter(({ from, to }) => acts.some((at) => at >= from && at < to + LATE_MS));
  const falseActs = acts.length - acted.length;
  return {
    events: events.length,
    acted: acted.length,
    missed: events.length - acted.length,
    falseActs,
    precision: acts.length === 0 ? 1 : acted.length / acts.length,
    recall: events.length === 0 ? 1 : acted.length / events.length,
  };
}
