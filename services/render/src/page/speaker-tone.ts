const GOLDEN_ANGLE_DEG = 137.508;
const FIRST_HUE_DEG = 255;

/**
 * Colour of a speaker in Oklch: neighbours in the list get hues far apart, and the lightness changes from one to the next,
 * so that hues that come close after many speakers still differ.
 */
export function speakerTone(
  speakerId: number,
  isOnDark: boolean,
): { readonly lightness: number; readonly chroma: number; readonly hueDeg: number } {
  return {
    lightness: (isOnDark ? 0.7 : 0.58) + [0, 0.07, -0.05][speakerId % 3]!,
    chroma: 0.15,
    hueDeg: (FIRST_HUE_DEG + GOLDEN_ANGLE_DEG * speakerId) % 360,
  };
}
