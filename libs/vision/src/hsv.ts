// Arrays are indexed with `!`: the tables have 256 entries and are indexed by bytes.

const FRACTION_BITS = 12;
const HALF = 1 << (FRACTION_BITS - 1);
const saturationOver = Int32Array.from({ length: 256 }, (_, value) =>
  value === 0 ? 0 : Math.round((255 << FRACTION_BITS) / value),
);
const hueOver = Int32Array.from({ length: 256 }, (_, range) =>
  range === 0 ? 0 : Math.round((180 << FRACTION_BITS) / (6 * range)),
);

/**
 * Converts 8-bit BGR to HSV: hue 0..179, saturation and value 0..255.
 * Equal to cv2.cvtColor(..., COLOR_BGR2HSV) bit for bit.
 *
 * @param bgr 3 bytes a pixel
 * @param hsv receives 3 bytes a pixel; as long as `bgr`, may be the same array
 */
export function bgrToHsv(bgr: Uint8Array, hsv: Uint8Array): void {
  for (let i = 0; i + 2 < bgr.length; i += 3) {
    const b = bgr[i]!;
    const g = bgr[i + 1]!;
    const r = bgr[i + 2]!;
    const value = b > g ? (b > r ? b : r) : g > r ? g : r;
    const least = b < g ? (b < r ? b : r) : g < r ? g : r;
    const range = value - least;
    const sector = value === r ? g - b : value === g ? b - r + 2 * range : r - g + 4 * range;
    const hue = (sector * hueOver[range]! + HALF) >> FRACTION_BITS;
    hsv[i] = hue < 0 ? hue + 180 : hue;
    hsv[i + 1] = (range * saturationOver[value]! + HALF) >> FRACTION_BITS;
    hsv[i + 2] = value;
  }
}
