import { createActor, setup } from 'xstate';
import type { FrameRef } from '../../src/frame.ts';
import type { LumaPicture } from '../../src/frames/luma.ts';
import type { WatchEvent } from '../../src/machines/watch.types.ts';
import { triggers } from '../../src/watch/triggers.ts';

/**
 * The triggers of a watch of changes. `looks` lists the causes of the looks that they request, and
 * `news` what they report of a camera's view as well.
 */
export function watchedTriggers(luma: (width: number, height: number) => LumaPicture) {
  let arrived: (frame: FrameRef) => void = () => {};
  const looks: string[] = [];
  const news: string[] = [];
  const actor = createActor(
    setup({
      actors: {
        triggers: triggers({
          video: {
            look: () => Promise.reject(new Error('not asked for')),
            lumaFeed: {
              onFrame: (listener) => {
                arrived = listener;
                return () => {};
              },
              luma,
            },
          },
          onSceneChange: {},
          schedule: undefined,
          onScheduleFailed: () => {},
          onVisibility: (visibility) => news.push(visibility),
        }),
      },
      types: { events: {} as WatchEvent },
    }).createMachine({
      invoke: { src: 'triggers' },
      on: {
        'look.due': {
          actions: ({ event: { cause } }) => {
            looks.push(cause);
            news.push(cause);
          },
        },
      },
    }),
  ).start();
  return {
    looks,
    news,
    /** A frame of this source arrives. */
    arrive: (frame: Pick<FrameRef, 'trackSid' | 'source'>) => arrived(frame as FrameRef),
    stop: () => actor.stop(),
  };
}
