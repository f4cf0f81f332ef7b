import type { SeenFrame } from '../frames/seen-frame.ts';
import { nameOf } from '../models/chat-pictures.ts';
import type { LookRequest } from './look-at.ts';

/** What a look shows, for the model: `picture of the screen`. */
export const shownBy = (frame: SeenFrame): string =>
  `${frame.region ? 'part' : 'picture'} of the ${nameOf(frame)}`;

/** What the model has to know about a part: whose part it is, and how to give places in it. */
export function partNote({ region, wasShown }: SeenFrame, { frameId }: LookRequest): string {
  if (!region) return '';
  const places = ' Places are still shares of the whole picture.';
  if (wasShown) return places;
  const why = frameId === undefined ? '' : `, because picture ${frameId} is no longer kept`;
  return ` It is a part of a fresh picture${why}.${places}`;
}
