import { waitFor } from 'xstate';
import type { SeenFrame } from '../frames/seen-frame.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { WatchError } from './watch-error.ts';

/** Which video is asked for. */
export type LookSource = 'current' | 'camera' | 'screen';

/**
 * Takes a look at this source; what was watched before is watched again afterwards.
 * @throws WatchError
 */
export async function lookAt<T>(
  video: VideoSession,
  source: LookSource,
  limit: AbortSignal,
  look: (take: () => Promise<SeenFrame>) => Promise<T>,
): Promise<T> {
  const take = () => abortable(video.look(), limit);
  if (source === 'current') return look(take);
  const context = () => video.actor.getSnapshot().context;
  const seen = () => Object.values(context().sources).map(({ pick }) => pick?.source);
  const notShared = () => new WatchError('source', `no ${source} is shared`);
  if (seen().length > 1) {
    if (!seen().includes(source)) throw notShared();
    return look(() => abortable(video.look(source), limit));
  }
  if (seen()[0] === source) return look(take);
  const before = context().pinned;
  video.pinSource(source);
  try {
    await waitFor(video.actor, () => seen()[0] === source, { signal: limit }).catch(() => {
      throw notShared();
    });
    return await look(take);
  } finally {
    video.pinSource(before);
  }
}
