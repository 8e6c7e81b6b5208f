import type { BgrImage } from '@avd/stage-kit';

/** Middle and half size of a square, in pixels of the frame. */
interface Square {
  readonly centreX: number;
  readonly centreY: number;
  readonly halfSize: number;
}

/**
 * Cuts a square out of a frame and resizes it by averaging all pixels under each target pixel (bilinear where
 * it enlarges). What lies outside of the frame repeats its edge.
 */
export function cutSquare(frame: BgrImage, square: Square, sizePx: number): BgrImage {
  const data = new Uint8Array(sizePx * sizePx * 3);
  const step = (2 * square.halfSize) / sizePx;
  const left = square.centreX - square.halfSize;
  const top = square.centreY - square.halfSize;
  // Enough samples that no source pixel is skipped.
  const samples = Math.max(1, Math.ceil(step));
  const pixel = new Float64Array(3);
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      pixel.fill(0);
      for (let sy = 0; sy < samples; sy++) {
        for (let sx = 0; sx < samples; sx++) {
          addPixel(
            frame,
            left + (x + (sx + 0.5) / samples) * step - 0.5,
            top + (y + (sy + 0.5) / samples) * step - 0.5,
            pixel,
          );
        }
      }
      const at = 3 * (y * sizePx + x);
      for (let c = 0; c < 3; c++) data[at + c] = Math.round(pixel[c]! / samples ** 2);
    }
  }
  return { width: sizePx, height: sizePx, data };
}

function addPixel(
  { width, height, data }: BgrImage,
  x: number,
  y: number,
  sum: Float64Array,
): void {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  for (let dy = 0; dy < 2; dy++) {
    const row = Math.max(0, Math.min(height - 1, y0 + dy));
    const rowShare = dy === 0 ? 1 - (y - y0) : y - y0;
    for (let dx = 0; dx < 2; dx++) {
      const column = Math.max(0, Math.min(width - 1, x0 + dx));
      const share = rowShare * (dx === 0 ? 1 - (x - x0) : x - x0);
      const at = 3 * (row * width + column);
      for (let c = 0; c < 3; c++) sum[c]! += share * data[at + c]!;
    }
  }
}

/**
 * How well a face can be known on a picture, in [0, 1]: a face seen from the front is the same left and right
 * (correlation with its mirror image, the axis found within a quarter of the picture), and a sharp, well lit one has contrast
 * from pixel to pixel.
 *
 * @param picture square, the face in its middle
 */
export function faceQuality(picture: BgrImage): number {
  const { width: sizePx, data } = picture;
  const grey = Float64Array.from(
    { length: sizePx * sizePx },
    (_, i) => 0.114 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.299 * data[3 * i + 2]!,
  );
  const reach = Math.floor(sizePx / 8);
  let symmetry = 0;
  for (let shift = -reach; shift <= reach; shift++) {
    symmetry = Math.max(symmetry, mirrorCorrelation(grey, sizePx, shift));
  }
  const sharpness = Math.min(1, meanStep(grey, sizePx) / ENOUGH_STEP);
  return (0.25 + 0.75 * symmetry) * (0.4 + 0.6 * sharpness);
}

/** Grey levels between neighbours at which a thumbnail looks sharp. */
const ENOUGH_STEP = 9;

/** Correlation of the left with the mirrored right half around the middle moved by `shift` pixels. */
function mirrorCorrelation(grey: Float64Array, sizePx: number, shift: number): number {
  const axis = sizePx / 2 + shift;
  const half = Math.floor(Math.min(axis, sizePx - axis));
  let [count, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < half; x++) {
      const a = grey[y * sizePx + Math.floor(axis) - 1 - x]!;
      const b = grey[y * sizePx + Math.floor(axis) + x]!;
      count++;
      sumA += a;
      sumB += b;
      sumAA += a * a;
      sumBB += b * b;
      sumAB += a * b;
    }
  }
  const spread = Math.sqrt((sumAA - sumA ** 2 / count) * (sumBB - sumB ** 2 / count));
  return spread <= 0 ? 0 : Math.max(0, (sumAB - (sumA * sumB) / count) / spread);
}

/** Mean difference between neighbours in a row. */
function meanStep(grey: Float64Array, sizePx: number): number {
  let sum = 0;
  for (let y = 0; y < sizePx; y++) {
    for (let x = 1; x < sizePx; x++) {
      sum += Math.abs(grey[y * sizePx + x]! - grey[y * sizePx + x - 1]!);
    }
  }
  return sum / (sizePx * (sizePx - 1));
}
