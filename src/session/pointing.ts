import { findPublication, type VideoRoom } from '../actors/video-room.ts';
import {
  MAX_POINT_LABEL,
  POINT_TOPIC,
  POINT_VERSION,
  type PointMessage,
  plainLabel,
} from '../client/point-protocol.ts';
import { POINT } from '../defaults.ts';
import { OptionError, PointError } from '../errors.ts';
import type { ShownFrames, ShownToModel } from '../frames/shown-frames.ts';
import { filled } from '../option-table.ts';
import { isBeyond, type Region } from '../processors/region.ts';
import type { LookKind } from '../source.ts';
import { messageOf } from '../thrown.ts';
import { within } from '../time-limit.ts';
import type { SessionActor } from './session-actor.ts';

/** A place in a picture that the model was shown, in shares of the upright picture, 0 to 1. */
export interface Place {
  /** Id of the frame. @defaultValue the newest frame that the model was shown */
  frameId?: number | undefined;
  /** @defaultValue the newest of both */
  source?: LookKind | undefined;
  /** Of a point, or of the left edge of a box. */
  x: number;
  /** Of a point, or of the top edge of a box. */
  y: number;
  /** Of a box; a point has neither `width` nor `height`. */
  width?: number | undefined;
  height?: number | undefined;
  /** Plain text next to the place, at most 80 characters. */
  label: string;
}

export interface PointingDeps {
  actor: SessionActor;
  room: VideoRoom;
  shown: ShownFrames;
  /** The participant that the agent serves now. The message goes to this one only. */
  linkedIdentity(): string | null;
}

/** How long the message may take to be sent, in ms. */
const SEND_LIMIT_MS = 2000;

/** Shows the user places in their video. */
export class Pointing {
  readonly #deps: PointingDeps;

  constructor(deps: PointingDeps) {
    this.#deps = deps;
  }

  /** @throws OptionError, PointError */
  async point(place: Place): Promise<PointMessage> {
    const { x, y, width, height, label, frameId, source } = checked(place);
    const { actor, room, shown, linkedIdentity } = this.#deps;
    const state = actor.getSnapshot();
    if (!state.hasTag('open'))
      throw new PointError('closed', 'point() needs a started VideoSession');
    if (state.context.mode === 'off')
      throw new PointError('off', 'video is off, so nothing can be marked in it');
    // First: a change of the participant takes the frames of the previous one away.
    const recipient = linkedIdentity();
    const seen = shown.find({ frameId, source });
    if (!seen)
      throw new PointError('unseen', `${unseen({ frameId, source })}: look at the video first`);
    const publication = findPublication(room, seen.ref.trackSid);
    if (!publication || publication.muted || recipient === null)
      throw new PointError('gone', 'the user no longer shares what that picture shows');
    const part = onFrame(seen, { x, y, width: width ?? 0, height: height ?? 0 });
    const message: PointMessage = {
      version: POINT_VERSION,
      frame: seen.ref.id,
      participant: seen.ref.identity,
      track: seen.ref.trackSid,
      source: seen.ref.source,
      x: part.x,
      y: part.y,
      ...(width === undefined ? {} : { width: part.width, height: part.height }),
      label,
    };
    await this.#send(message, recipient);
    return message;
  }

  async #send(message: PointMessage, recipient: string): Promise<void> {
    const me = this.#deps.room.localParticipant;
    const late = () => new Error(`it was not sent within ${SEND_LIMIT_MS} ms`);
    try {
      if (!me) throw new Error('the room was left');
      const sent = me.publishData(new TextEncoder().encode(JSON.stringify(message)), {
        reliable: true,
        destination_identities: [recipient],
        topic: POINT_TOPIC,
      });
      await within(SEND_LIMIT_MS, sent, late);
    } catch (error) {
      const reason = messageOf(error);
      throw new PointError('unsent', `the mark did not reach the user: ${reason}`, {
        cause: error,
      });
    }
  }
}

/** @throws OptionError for the first value that is wrong. */
function checked(place: Place) {
  const values = filled('', place, POINT);
  const { x, y, width, height } = values;
  if ((width === undefined) !== (height === undefined))
    throw new OptionError('width and height', { width, height }, 'use both for a box, or neither');
  const edges = { 'x + width': x + (width ?? 0), 'y + height': y + (height ?? 0) };
  for (const [option, edge] of Object.entries(edges))
    if (isBeyond(edge))
      throw new OptionError(option, edge, 'use a box inside the picture, up to 1');
  const label = plainLabel(values.label);
  if (label === '' || label.length > MAX_POINT_LABEL)
    throw new OptionError('label', label, `use 1 to ${MAX_POINT_LABEL} visible characters`);
  return { ...values, label };
}

const unseen = ({ frameId, source }: Pick<Place, 'frameId' | 'source'>): string =>
  frameId === undefined
    ? `there is no picture of the ${source ?? 'video'} that you saw and the user still shares`
    : `frame ${frameId} is not one of the ${source ?? 'video'} that you saw and the user still shares`;

/** The part in the track's frame, cut at its edges. @throws PointError if it is outside. */
function onFrame({ toFrame }: ShownToModel, part: Region): Region {
  const { x, y, width, height } = toFrame(part);
  const inside = (value: number) => Math.min(1, Math.max(0, value));
  const centre = [x + width / 2, y + height / 2];
  if (centre.some((value) => value < 0 || value > 1))
    throw new PointError('outside', 'the place is on the black bars around the picture');
  const [left, top] = [inside(x), inside(y)];
  return {
    x: rounded(left),
    y: rounded(top),
    width: rounded(inside(x + width) - left),
    height: rounded(inside(y + height) - top),
  };
}

/** A hundredth of a pixel of the largest screens. */
const rounded = (share: number): number => Math.round(share * 1e6) / 1e6;
