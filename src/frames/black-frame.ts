/** Luma of black in the limited range, and what a decoder may make of it. */
const BLACK = 20;

/** Places in the picture that are looked at, as shares of its height. */
const PLACES = [0.1, 0.3, 0.5, 0.7, 0.9];
const PLACE_LENGTH = 64;

/**
 * Whether a picture is black in some places all over it.
 *
 * @param lumaLength - Bytes of its luma plane.
 * @param luma - Reads bytes of that plane.
 */
export function isBlack(
  lumaLength: number,
  luma: (at: number, length: number) => Uint8Array,
): boolean {
  return PLACES.every((share) => {
    const at = Math.max(0, Math.floor(lumaLength * share) - PLACE_LENGTH);
    return luma(at, Math.min(PLACE_LENGTH, lumaLength - at)).every((value) => value <= BLACK);
  });
}
