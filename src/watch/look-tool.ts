import { llm } from '@livekit/agents';
import { waitFor } from 'xstate';
import { OptionError } from '../errors.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import { toDataUrl } from '../frames/image-content.ts';
import type { SourceKind, TrackDiscoveryContext } from '../machines/track-discovery.types.ts';
import { turnPicture } from '../models/chat-pictures.ts';
import type { VideoSession } from '../video-session.ts';
import { showInFollowUp } from './tool-pictures.ts';
import { WatchError } from './watch-error.ts';

/** Which video the model asks for. */
export type LookSource = 'current' | 'camera' | 'screen';

export interface LookToolOptions {
  /** @defaultValue 'look' */
  name?: string;
  /** When the model should call it. @defaultValue a line that says so */
  description?: string;
  /** From the call to the picture, in ms. @defaultValue 5000 */
  timeoutMs?: number;
  /** Of the picture for a pipeline's model. @defaultValue JPEG, quality 75, inside 1024x1024 */
  image?: EncodeOptions;
  /** @defaultValue 'auto' */
  inferenceDetail?: 'auto' | 'high' | 'low';
}

const IMAGE: EncodeOptions = {
  resize: { width: 1024, height: 1024, strategy: 'scale_aspect_fit' },
  enlarge: false,
};

/**
 * A tool that the model calls to get one fresh picture now. For a pipeline the picture is in the
 * request that follows the call, and ages in the history as those of turns do (`turn.keepImages`,
 * which has to be 1 or more); a realtime model gets it as it gets every frame.
 *
 * What fails is told to the model in words, so that it can say so.
 *
 * @throws OptionError
 */
export function createLookTool(video: VideoSession, options: LookToolOptions = {}) {
  const { timeoutMs = 5000, image = IMAGE, inferenceDetail = 'auto' } = options;
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 1 && timeoutMs <= 600_000))
    throw new OptionError('timeoutMs', timeoutMs, 'use a time from 1 to 600000 ms');
  return llm.tool({
    name: options.name ?? 'look',
    description:
      options.description ??
      "Takes one fresh picture of the user's video now. Call it before you speak of what is seen.",
    parameters: {
      type: 'object',
      properties: {
        source: {
          type: 'string',
          enum: ['current', 'camera', 'screen'],
          description: 'current: what is watched now',
        },
      },
      additionalProperties: false,
    },
    execute: async (args: { source?: LookSource }, { ctx, toolCallId, abortSignal }) => {
      const limit = AbortSignal.any([abortSignal, AbortSignal.timeout(timeoutMs)]);
      try {
        const frame = await lookAt(video, args.source ?? 'current', limit);
        const what = frame.source === 'unknown' ? 'video' : frame.source;
        if (video.actor.getSnapshot().context.model === 'realtime')
          return `A fresh picture of the ${what} was sent.`;
        const encoded = await inTime(frame.encode(image), limit);
        const picture = turnPicture(toDataUrl(encoded), encoded.mimeType, frame, inferenceDetail);
        showInFollowUp(ctx.session.currentAgent, { callId: toolCallId, what, picture });
        return `The picture of the ${what} follows.`;
      } catch (error) {
        return `No picture: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  });
}

/** One fresh frame of this source; what was watched before is watched again. */
async function lookAt(video: VideoSession, source: LookSource, limit: AbortSignal) {
  const watched = (): SourceKind | undefined => video.actor.getSnapshot().context.pick?.source;
  if (source === 'current' || watched() === source) return inTime(video.look(), limit);
  const before = pinned(video);
  video.pinSource(source);
  try {
    await waitFor(video.actor, () => watched() === source, { signal: limit }).catch(() => {
      throw new WatchError('source', `no ${source} is shared`);
    });
    return await inTime(video.look(), limit);
  } finally {
    video.pinSource(before);
  }
}

/** What the application pinned: it gets that back. */
function pinned(video: VideoSession): TrackDiscoveryContext['pinned'] {
  // Children are typed by their logic, which is provided.
  type Parent = { children?: Record<string, { getSnapshot(): unknown } | undefined> };
  let snapshot: unknown = video.actor.getSnapshot();
  for (const child of ['sight', 'discovery']) {
    const found: unknown = (snapshot as Parent).children?.[child]?.getSnapshot();
    if (found) snapshot = found;
  }
  return (snapshot as { context?: Partial<TrackDiscoveryContext> }).context?.pinned ?? null;
}

function inTime<T>(work: Promise<T>, limit: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new WatchError('source', 'no picture came in time'));
    if (limit.aborted) late();
    limit.addEventListener('abort', late);
    work.then(resolve, reject).finally(() => limit.removeEventListener('abort', late));
  });
}
