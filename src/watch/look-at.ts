import type { SeenFrame } from '../frames/seen-frame.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { WatchError } from './watch-error.ts';

/** The source of a look; `current` is the watched one. */
export type LookSource = 'current' | 'camera' | 'screen';

/**
 * Looks at this source.
 * @throws WatchError; LookError; the reason of the time limit
 */
export async function lookAt(
  video: VideoSession,
  source: LookSource,
  limit: AbortSignal,
): Promise<SeenFrame> {
  if (source === 'current') return abortable(video.look(), limit);
  try {
    return await abortable(video.look(source), limit);
  } catch (error) {
    const seen = Object.values(video.actor.getSnapshot().context.sources);
    const isShared = seen.some(({ pick }) => pick?.source === source);
    if (error !== limit.reason || isShared) throw error;
    throw new WatchError('source', `no ${source} is shared`);
  }
}
