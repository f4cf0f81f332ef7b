import type { SeenFrame } from '../frames/seen-frame.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { WatchError } from './watch-error.ts';

/** Which video is asked for; `current` is what is watched. */
export type LookSource = 'current' | 'camera' | 'screen';

/**
 * Takes a look at this source.
 * @throws WatchError; LookError; the limit's reason
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
