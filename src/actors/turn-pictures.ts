import { MAX_SIDE, TURN_SIDE } from '../defaults.ts';
import type { FrameRef } from '../frame.ts';
import type { EncodeOptions } from '../frames/encode-options.ts';
import type { FrameGate } from '../frames/gate.ts';
import type { GatePicture, PictureRequest } from '../frames/gate.types.ts';
import type { FrameFate } from '../frames/newest-frame.ts';
import type { SourceId, SourceKind } from '../source.ts';

/** The pictures of a turn. */
export interface TurnPictures {
  /** Pictures from during the turn, oldest first. */
  readonly earlier: readonly GatePicture[];
  /** The newest picture of each source, in the order of the sources. */
  readonly newest: readonly GatePicture[];
}

export interface TurnPicturesDeps {
  gate: FrameGate;
  sourceIds: readonly SourceId[];
  /** How a source is shown. */
  picture(source: SourceKind): Pick<PictureRequest, 'image' | 'tiles'>;
  /** A camera frame older than this is not added to the first one, in ms. */
  maxFrameAgeMs: number;
  /** What becomes of a frame whose picture came too late. */
  late(): FrameFate;
  /** One of the additional pictures failed: the turn continues without it. */
  onError(error: unknown): void;
}

/**
 * The last time at which this frame was true, in ms since the epoch: a screen sends frames when
 * something changes, so its newest one is always true.
 */
const validAt = ({ source, receivedAt }: FrameRef): number =>
  source === 'screen' ? Number.POSITIVE_INFINITY : receivedAt;

/** The newest frame of all sources; a screen's counts as the newest. */
export function newestOf(gate: FrameGate, sourceIds: readonly SourceId[]): FrameRef | null {
  return sourceIds.reduce<FrameRef | null>((newest, sourceId) => {
    const frame = gate.newest(sourceId);
    return frame && !(newest && validAt(newest) >= validAt(frame)) ? frame : newest;
  }, null);
}

/**
 * Encodes the frame, or a newer one if it was replaced, and the newest of the other sources. The
 * first result is of the frame that was asked for; none if it was taken away meanwhile.
 * @throws EncodeError if it could not be encoded.
 */
export async function takeNewest(
  deps: TurnPicturesDeps,
  frameId: number,
  signal: AbortSignal,
): Promise<GatePicture[]> {
  const { gate, sourceIds, late, onError } = deps;
  const leading =
    sourceIds.find((id) => gate.newest(id)?.id === frameId) ??
    sourceIds.find((id) => gate.newest(id) !== null);
  if (leading === undefined) return [];
  const others = sourceIds.filter((id) => id !== leading && isFresh(deps, id));
  const [first, ...rest] = await Promise.allSettled(
    [leading, ...others].map((sourceId) => {
      const source = gate.newest(sourceId)?.source ?? 'unknown';
      return gate.picture({ sourceId, purpose: 'turn', ...deps.picture(source), signal, late });
    }),
  );
  for (const one of rest) if (one.status === 'rejected') onError(one.reason);
  const beside = rest.flatMap((one) => (one.status === 'fulfilled' && one.value ? one.value : []));
  if (first?.status === 'fulfilled' && first.value && !signal.aborted)
    return [first.value, ...beside];
  for (const picture of beside) picture.done(late());
  if (first?.status === 'fulfilled') first.value?.done(late());
  if (first?.status === 'rejected') throw first.reason;
  return [];
}

/** The pictures of a request: as many of those before the newest as `maxBytes` leaves. */
export function turnPictures(
  newest: readonly GatePicture[],
  before: readonly GatePicture[],
  { sourceIds, maxBytes }: { sourceIds: readonly SourceId[]; maxBytes: number },
): TurnPictures {
  const shown = new Set(newest.map(({ ref }) => ref.id));
  const earlier = before.filter(({ ref }) => !shown.has(ref.id));
  const left = Math.max(0, maxBytes - bytesOf(newest));
  while (bytesOf(earlier) > left) earlier.shift();
  const place = ({ sourceId }: GatePicture) => sourceIds.indexOf(sourceId);
  return { earlier, newest: [...newest].sort((a, b) => place(a) - place(b)) };
}

function isFresh({ gate, maxFrameAgeMs }: TurnPicturesDeps, sourceId: SourceId): boolean {
  const newest = gate.newest(sourceId);
  return newest !== null && Date.now() - validAt(newest) <= maxFrameAgeMs;
}

const bytesOf = (pictures: readonly GatePicture[]): number =>
  pictures.reduce((sum, { size }) => sum + size, 0);

/** How a frame becomes the picture of a turn, by default with this largest side, in pixels. */
export function turnImage(
  options: {
    image: EncodeOptions;
    inferenceWidth: number | undefined;
    inferenceHeight: number | undefined;
  },
  largestSide = TURN_SIDE,
): EncodeOptions {
  const { image, inferenceWidth, inferenceHeight } = options;
  const isLimited = inferenceWidth !== undefined || inferenceHeight !== undefined;
  if (image.resize && !isLimited) return image;
  // A side of the largest size leaves it to the other one to decide.
  const other = isLimited ? MAX_SIDE : largestSide;
  return {
    enlarge: false,
    ...image,
    resize: {
      width: inferenceWidth ?? other,
      height: inferenceHeight ?? other,
      strategy: 'scale_aspect_fit',
    },
  };
}
