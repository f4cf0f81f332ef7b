import type { SeenFrame } from '../frames/seen-frame.ts';
import type { Region } from '../processors/region.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { WatchError } from './watch-error.ts';

/** The source of a look; `current` is the watched one. */
export type LookSource = 'current' | 'camera' | 'screen';

/** What a model asks to look at. */
export interface LookRequest {
  readonly source: LookSource;
  /** Part of the picture that the model saw. */
  readonly region?: Region | undefined;
  readonly frameId?: number | undefined;
}

/**
 * Looks at this source, or at a part of it.
 * @throws OptionError; WatchError; LookError; the reason of the time limit
 */
export async function lookAt(
  video: VideoSession,
  { source, region, frameId }: LookRequest,
  limit: AbortSignal,
): Promise<SeenFrame> {
  const kind = source === 'current' ? undefined : source;
  const part = {
    ...(region && { region: video.seenRegion(region, { frameId, source: kind }) }),
    ...(frameId !== undefined && { frameId }),
  };
  if (source === 'current') return abortable(video.look(part), limit);
  try {
    return await abortable(video.look({ source, ...part }), limit);
  } catch (error) {
    const seen = Object.values(video.actor.getSnapshot().context.sources);
    const isShared = seen.some(({ pick }) => pick?.source === source);
    if (error !== limit.reason || isShared) throw error;
    throw new WatchError('source', `no ${source} is shared`);
  }
}
