import { createHook } from 'node:async_hooks';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, type StoryStage } from './stage.ts';

interface Emitter {
  eventNames(): readonly (string | symbol)[];
  listenerCount(name: never): number;
}

/** Folder of the library, whose timers are counted. The testing kit's are not. */
const LIBRARY = fileURLToPath(new URL('../../', import.meta.url));
const KIT = fileURLToPath(new URL('../', import.meta.url));
const PARTS = `${sep}node_modules${sep}`;
/** Time for closed resources to disappear, in ms. */
const PATIENCE_MS = 1000;

/** Finds listeners, timers, handles, streams and actors that a story leaves in this process. */
export class Leftovers {
  readonly #stage: StoryStage;
  readonly #before: ReadonlyMap<string, number>;
  readonly #timers = new Map<number, string>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.#timers.set(id, new Error('set').stack ?? '');
    },
    destroy: (id) => void this.#timers.delete(id),
  });

  /** Begins to count. Has to come before the video session. */
  constructor(stage: StoryStage) {
    this.#stage = stage;
    this.#before = this.#counts();
    this.#hook.enable();
  }

  /** Everything that is left after the close; empty if all is well. */
  async found(): Promise<string[]> {
    const deadline = Date.now() + PATIENCE_MS;
    let left = this.#left();
    while (left.length > 0 && Date.now() < deadline) {
      await pause(20);
      left = this.#left();
    }
    this.stop();
    return left;
  }

  /** Counts no more. */
  stop(): void {
    this.#hook.disable();
  }

  #left(): string[] {
    const counts = this.#counts();
    const more = [...counts].flatMap(([what, count]) => {
      const before = this.#before.get(what) ?? 0;
      return count > before ? [`${what}: ${before} before, ${count} at the end`] : [];
    });
    const timers = [...this.#timers.values()].flatMap((stack) => {
      const line = stack.split('\n').find(isOurs);
      return line ? [`a timer ${line.trim()}`] : [];
    });
    const { video, wrappedAgents } = this.#stage;
    const actor = video?.actor.getSnapshot();
    const running = actor && (actor.status !== 'done' || Object.keys(actor.children).length > 0);
    return [
      ...more,
      ...timers,
      ...(running ? [`actors: ${Object.keys(actor.children).join(', ') || 'session'}`] : []),
      ...(wrappedAgents > 0 ? [`${wrappedAgents} agents whose llmNode is not their own`] : []),
    ];
  }

  #counts(): Map<string, number> {
    const { room, session } = this.#stage;
    const { _ffiClientInstance: native } = globalThis as { _ffiClientInstance?: Emitter };
    const counts = new Map<string, number>();
    const count = (name: string, emitter: Emitter | undefined) => {
      for (const event of emitter?.eventNames() ?? [])
        counts.set(`${name} ${String(event)}`, emitter?.listenerCount(event as never) ?? 0);
    };
    count('listeners of the room for', room.agent);
    count('listeners of the agent session for', session);
    count('listeners of the process for', process);
    count('streams of the native library,', native);
    const handles = process.getActiveResourcesInfo().filter((name) => !TIMERS.has(name));
    for (const name of handles)
      counts.set(`handle ${name}`, (counts.get(`handle ${name}`) ?? 0) + 1);
    return counts;
  }
}

const TIMERS = new Set(['Timeout', 'Immediate']);

const isOurs = (line: string): boolean =>
  line.includes(LIBRARY) && !line.includes(KIT) && !line.includes(PARTS);
