import { takenAway } from './consent.ts';
import type { EncodedImage } from './encode.ts';
import type { EncodeOptions } from './encode-options.ts';
import type { SeenFrame } from './seen-frame.ts';

/** The purpose of a picture: `turn`, a request of a pipeline; `push`, a realtime model. */
export type Purpose = 'turn' | 'push';

/** A picture that was made of a frame that the application holds. */
export interface HandedPicture {
  readonly image: EncodedImage;
  /** Those that it was encoded with. */
  readonly options: EncodeOptions;
  readonly purpose: Purpose;
}

/** What the gate knows of a frame that the application holds. */
interface Handed {
  keep<T extends object>(content: T, withdraw: (content: T) => void): void;
  isValid(): boolean;
  noteShown(shown: HandedPicture): void;
}

/** Frames that the application holds. Frames that it created itself are not included. */
const handed = new WeakMap<SeenFrame, Handed>();

/** Called by the gate for each frame that it gives to the application. */
export const handOut = (frame: SeenFrame, how: Handed): void => void handed.set(frame, how);

/** Whether the frame's video has not been switched off since; check it in the tick of use. */
export const mayStillShow = (frame: SeenFrame): boolean => handed.get(frame)?.isValid() ?? true;

/**
 * A picture of this frame is part of a request from now on. `withdraw` is called if its frame is
 * withdrawn.
 * @throws LookError if its video was switched off.
 */
export function keepRevocable<T extends object>(
  frame: SeenFrame,
  content: T,
  withdraw: (content: T) => void,
): void {
  if (!mayStillShow(frame)) throw takenAway();
  handed.get(frame)?.keep(content, withdraw);
}

/** The model of the conversation got this picture of the frame. */
export function noteShown(frame: SeenFrame, picture: HandedPicture): void {
  if (mayStillShow(frame)) handed.get(frame)?.noteShown(picture);
}
