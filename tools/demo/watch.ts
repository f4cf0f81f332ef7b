import { setTimeout as pause } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { waitFor } from 'xstate';
import { watchDoor } from '../../examples/shop-door.ts';
import { OfflineReader } from '../../offline/reader.ts';
import { VideoSession } from '../../src/index.ts';
import { SyntheticCamera } from '../../src/testing/camera/synthetic-camera.ts';
import type { WatchMetrics } from '../../src/watch/video-watch.ts';
import type { Observer } from './play.ts';
import type { Stage } from './stage.ts';

/** Gets the events of the show as they happen. */
export interface WatchAudience {
  scene(title: string): void;
  step(text: string): void;
  said(line: string): void;
}

/** The reactions to the texts that appeared. */
export interface WatchFigures extends WatchMetrics {
  /** Texts that appeared. */
  readonly events: number;
  readonly acted: number;
  readonly missed: number;
  /** Acts without a new text, for another text, or repeated. */
  readonly falseActs: number;
}

/** The content of `--json`. */
export interface WatchResult {
  readonly ok: boolean;
  readonly watch: WatchFigures;
  /** What the agent said, in order. */
  readonly lines: readonly string[];
}

/** An act, and the number of the event before it; -1 before the first. */
export interface Act {
  readonly event: number;
  readonly text: string;
}

/** Length of a quiet phase, in ms. */
const QUIET_MS = 2000;
const COOL_DOWN_MS = 4000;
/** Time limit of a step, in ms. */
const STEP_LIMIT_MS = 20_000;

/**
 * The shop door of the examples: without a question, the agent says each text that appears once.
 */
export async function runWatch(
  stage: Stage,
  { texts }: { texts: readonly string[] },
  audience: WatchAudience,
  observer: Observer = {},
): Promise<WatchResult> {
  const camera = new SyntheticCamera({
    name: 'door',
    source: 'camera',
    width: 1280,
    height: 720,
    fps: 15,
    text: '',
  });
  const reader = new OfflineReader();
  const session = new voice.AgentSession({
    llm: reader,
    vad: null,
    turnHandling: { turnDetection: null },
  });
  const video = new VideoSession(session, {
    room: stage.room,
    ...(observer.inspect ? { inspect: observer.inspect } : {}),
  });
  observer.video?.(video);
  const watch = watchDoor({ video, session, eyes: reader, coolDownMs: COOL_DOWN_MS });
  const acts: Act[] = [];
  const lines: string[] = [];
  let event = -1;
  session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
    if (item.type !== 'message' || item.role !== 'assistant') return;
    lines.push(item.textContent ?? '');
    audience.said(item.textContent ?? '');
  });
  watch.on('look.decided', ({ lookId, act }) =>
    audience.step(`look ${lookId}: ${act ? 'a text, if it stays' : 'no text'}`),
  );
  watch.on('watch.failed', ({ step, error }) => audience.step(`${step} failed: ${error}`));
  watch.on('act.done', () => audience.step(`cools down for ${COOL_DOWN_MS / 1000} s`));
  watch.on('acted', ({ answer: { text } }) => acts.push({ event, text }));
  /** Waits for the expected acts; if they do not come, the score shows that. */
  const reached = (check: () => boolean) =>
    waitFor(watch.actor, check, { timeout: STEP_LIMIT_MS }).catch(() =>
      audience.step(`no act within ${STEP_LIMIT_MS / 1000} s`),
    );
  const isIdle = () => watch.actor.getSnapshot().matches({ watching: { loop: 'idle' } });
  try {
    reader.prewarm();
    await camera.start();
    await video.start({
      agent: new voice.Agent({ instructions: 'You keep a small shop.' }),
      inputOptions: { audioEnabled: false },
      outputOptions: { audioEnabled: false },
    });
    audience.scene('A visitor stands at the door with an empty sheet');
    await stage.share(camera);
    await reached(() => watch.metrics().decisions > 0);
    await pause(QUIET_MS);
    for (const text of texts) {
      event += 1;
      audience.scene(`The visitor writes on it: ${text}`);
      await camera.setText(text);
      await reached(() => acts.some((act) => act.event === event));
      await pause(QUIET_MS);
      audience.scene('The sheet is empty again');
      await camera.setText('');
      await reached(isIdle);
      await pause(QUIET_MS);
    }
  } finally {
    await video.close();
    await reader.aclose();
    await camera.stop();
  }
  const figures = { ...score(texts, acts), ...watch.metrics() };
  return { ok: figures.missed === 0 && figures.falseActs === 0, watch: figures, lines };
}

/** Each text may be acted on once, while it is the newest. */
export function score(texts: readonly string[], acts: readonly Act[]) {
  const isOf = (act: Act, event: number) =>
    act.event === event && act.text.toUpperCase() === texts[event]?.toUpperCase();
  const acted = texts.filter((_, event) => acts.some((act) => isOf(act, event))).length;
  return {
    events: texts.length,
    acted,
    missed: texts.length - acted,
    falseActs: acts.length - acted,
  };
}
