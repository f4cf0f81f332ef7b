/** Luma of black in the limited range, with a tolerance for decoders. */
const BLACK = 20;

/** Sampled positions, as fractions of the width and height. */
const PLACES = [0.1, 0.3, 0.5, 0.7, 0.9];
const PLACE_LENGTH = 64;

/**
 * Whether a picture is black at sampled positions all over it.
 *
 * @param lumaLength - Length of its luma plane, in bytes.
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
