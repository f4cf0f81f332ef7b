import { LineChild } from '../../src/testing/processes/line-child.ts';
import { messageOf } from '../../src/thrown.ts';
import type { StoriesOptions } from './options.ts';
import type { Failure, Played } from './play.ts';
import { type StoriesResult, Tally } from './tally.ts';

/** Time limit of a story and of shortening it, in ms. */
const STORY_LIMIT_MS = 300_000;
const MINUTE_MS = 60_000;
/** rtc-node keeps a part of each closed track, so a new process starts now and then. */
const STORIES_PER_PROCESS = 300;

/**
 * Plays stories until the time is over.
 *
 * @param onFailure - Called with each failure as it is found.
 */
export async function playStories(
  { minutes, seed, workers, masks }: Pick<StoriesOptions, 'minutes' | 'seed' | 'workers' | 'masks'>,
  onFailure: (failure: Failure) => void = () => {},
): Promise<StoriesResult> {
  const tally = new Tally(masks, onFailure);
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * MINUTE_MS;
  const program = new URL('worker.ts', import.meta.url);
  let next = seed;
  const work = async (name: string) => {
    while (performance.now() < endsAt) {
      const child = LineChild.startNode(name, program, masks ? ['masks'] : []);
      for (let count = 0; count < STORIES_PER_PROCESS && performance.now() < endsAt; count++) {
        const own = next++;
        try {
          tally.add(own, await child.ask<Played>(String(own), STORY_LIMIT_MS));
        } catch (error) {
          tally.died(own, messageOf(error));
          break;
        }
      }
      await child.end();
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => work(`stories ${index + 1}`)));
  return tally.result(seed, (performance.now() - startedAt) / MINUTE_MS);
}
