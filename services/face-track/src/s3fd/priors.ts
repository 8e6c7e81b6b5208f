/** Prior boxes stand this far apart and are this large on the finest map; both double from map to map. */
const FIRST_STEP_PX = 4;
const FIRST_SIZE_PX = 16;

/**
 * Rows (or columns) of the six maps of S3FD for a picture of this height (or width).
 * Halves are rounded up in the third, fifth and sixth map, as the layers of the network do.
 */
export function s3fdMapSides(sidePx: number): readonly number[] {
  const first = Math.floor(Math.floor(sidePx / 2) / 2);
  const second = Math.ceil(first / 2);
  const third = Math.floor(second / 2);
  const fourth = Math.floor(third / 2);
  const fifth = Math.ceil(fourth / 2);
  return [first, second, third, fourth, fifth, Math.ceil(fifth / 2)];
}

/**
 * Boxes against which the network states its boxes: one for each place, in the order of its outputs.
 * Equal to `PriorBox` of av-diarization; tolerance 1e-6.
 * @param widthPx of the network's input
 * @returns centre x, centre y, width, height as shares of the picture, shape (places, 4)
 */
export function s3fdPriors(widthPx: number, heightPx: number): Float32Array {
  const columns = s3fdMapSides(widthPx);
  const rows = s3fdMapSides(heightPx);
  const places = columns.reduce((sum, count, map) => sum + count * rows[map]!, 0);
  const priors = new Float32Array(places * 4);
  let to = 0;
  for (const [map, columnCount] of columns.entries()) {
    const stepPx = FIRST_STEP_PX * 2 ** map;
    const sizePx = FIRST_SIZE_PX * 2 ** map;
    for (let row = 0; row < rows[map]!; row++) {
      for (let column = 0; column < columnCount; column++) {
        priors[to++] = ((column + 0.5) * stepPx) / widthPx;
        priors[to++] = ((row + 0.5) * stepPx) / heightPx;
        priors[to++] = sizePx / widthPx;
        priors[to++] = sizePx / heightPx;
      }
    }
  }
  return priors;
}
