/** The message with which an agent points at something in a video, shared by both sides. */

/** Topic of the data messages. */
export const POINT_TOPIC = 'sightline.point';

/** Version of the message. A page ignores messages of other versions. */
export const POINT_VERSION = 1;

/** Longest label, in characters. */
export const MAX_POINT_LABEL = 80;

/** Longest message, in bytes. */
const MAX_POINT_BYTES = 2048;

/**
 * A place in a participant's video, as JSON in UTF-8. Coordinates are shares of the track's upright
 * picture, from 0 to 1, whatever the model was shown of it. Without `width` and `height` it is a
 * point.
 */
export interface PointMessage {
  readonly version: typeof POINT_VERSION;
  /** The frame that the model looked at; counts the frames of the agent's session. */
  readonly frame: number;
  /** Identity of the participant who publishes the track. */
  readonly participant: string;
  /** Sid of the track. */
  readonly track: string;
  readonly source: 'camera' | 'screen' | 'unknown';
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
  /** Plain text by the model: never insert it as HTML. */
  readonly label: string;
}

/** Characters that break a line, are not visible, or change the direction of the text after them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** A label in one line, without invisible characters. */
export const plainLabel = (label: string): string => label.replace(UNSEEN, ' ').trim();

/** The message of a payload; `undefined` if it is not one. */
export function parsePoint(payload: Uint8Array): PointMessage | undefined {
  if (payload.length > MAX_POINT_BYTES) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { version, frame, participant, track, source, x, y, width, height, label } =
    parsed as Record<keyof PointMessage, unknown>;
  if (version !== POINT_VERSION || !isShare(x) || !isShare(y) || typeof frame !== 'number')
    return undefined;
  if (typeof participant !== 'string' || typeof track !== 'string') return undefined;
  if (source !== 'camera' && source !== 'screen' && source !== 'unknown') return undefined;
  if (typeof label !== 'string' || label.length > MAX_POINT_LABEL) return undefined;
  const place: PointMessage = {
    version: POINT_VERSION,
    frame,
    participant,
    track,
    source,
    x,
    y,
    label: plainLabel(label),
  };
  if (width === undefined && height === undefined) return place;
  return isShare(width) && isShare(height) ? { ...place, width, height } : undefined;
}

const isShare = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= 1;
