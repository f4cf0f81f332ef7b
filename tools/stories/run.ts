import { HOW_TO_GET_A_SERVER, type LiveKitServer } from '../../src/testing/livekit-server.ts';
import { connectOrStartServer } from '../../src/testing/processes/find-server.ts';
import { LineChild } from '../../src/testing/processes/line-child.ts';
import { messageOf } from '../../src/thrown.ts';
import type { StoriesOptions } from './options.ts';
import { type Played, type PlayOptions, storyOf } from './play.ts';
import { type StoriesResult, Tally, type TallyEvents } from './tally.ts';

/** Time limit of a story and of shortening it, in ms. */
const STORY_LIMIT_MS = 300_000;
const MINUTE_MS = 60_000;
/** rtc-node keeps a part of each closed track, so a new process starts now and then. */
const STORIES_PER_PROCESS = 300;

/** What the stories report while they are played. */
export interface StoriesEvents extends TallyEvents {
  /** Says which server is used. */
  say(line: string): void;
}

/**
 * Plays stories until the time is over.
 *
 * @throws Error with the remedy if there is no server to play on.
 */
export async function playStories(
  { minutes, seed, workers, masks, server }: Omit<StoriesOptions, 'json'>,
  events: StoriesEvents,
  connect: Connect = connectOrStartServer,
): Promise<StoriesResult> {
  const running = server ? await serverOf(connect, events.say) : undefined;
  const options: PlayOptions = { masks, ...(running ? { server: accessOf(running) } : {}) };
  const tally = new Tally((own) => storyOf(own, options), events);
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * MINUTE_MS;
  const program = new URL('worker.ts', import.meta.url);
  let next = seed;
  const work = async (name: string) => {
    while (performance.now() < endsAt) {
      const child = LineChild.startNode(name, program, [JSON.stringify(options)]);
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
  try {
    await Promise.all(Array.from({ length: workers }, (_, index) => work(`stories ${index + 1}`)));
  } finally {
    await running?.stop();
  }
  return tally.result(seed, (performance.now() - startedAt) / MINUTE_MS);
}

type Connect = typeof connectOrStartServer;

async function serverOf(connect: Connect, say: StoriesEvents['say']): Promise<LiveKitServer> {
  const server = await connect(say);
  if (!server) throw new Error(`--server needs a LiveKit server: ${HOW_TO_GET_A_SERVER}`);
  return server;
}

const accessOf = ({ url, apiKey, apiSecret }: LiveKitServer) => ({ url, apiKey, apiSecret });
