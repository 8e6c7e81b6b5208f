import { medianFilter } from '@avd/dsp';
import type { FaceTrack } from '@avd/domain';

export interface SmoothingOptions {
  /** Width of the median filter, odd. */
  readonly kernelFrames: number;
  /**
   * What lies beyond the ends of a track: `zero` pulls the first and last half kernel towards zero, as the reference
   * does; `repeat` keeps the crops on the face.
   */
  readonly edges: 'zero' | 'repeat';
}

export const DEFAULT_SMOOTHING_OPTIONS: SmoothingOptions = { kernelFrames: 13, edges: 'zero' };

/**
 * Centre and half size of the face crop in every frame: those of the boxes, median-filtered.
 * With `zero` equal to `crop_video` of the reference (scipy.signal.medfilt), exact.
 *
 * @param boxes 4 numbers a frame: left, top, right, bottom
 */
export function smoothTrack(
  boxes: readonly number[],
  options: SmoothingOptions = DEFAULT_SMOOTHING_OPTIONS,
): Pick<FaceTrack, 'centreX' | 'centreY' | 'halfSize'> {
  const centreX: number[] = [];
  const centreY: number[] = [];
  const halfSize: number[] = [];
  for (let i = 0; i < boxes.length; i += 4) {
    const left = boxes[i]!;
    const top = boxes[i + 1]!;
    const right = boxes[i + 2]!;
    const bottom = boxes[i + 3]!;
    centreX.push((left + right) / 2);
    centreY.push((top + bottom) / 2);
    halfSize.push(Math.max(bottom - top, right - left) / 2);
  }
  return {
    centreX: smooth(centreX, options),
    centreY: smooth(centreY, options),
    halfSize: smooth(halfSize, options),
  };
}

function smooth(values: readonly number[], { kernelFrames, edges }: SmoothingOptions): number[] {
  if (edges === 'zero' || values.length === 0) return [...medianFilter(values, kernelFrames)];
  const half = kernelFrames >> 1;
  const repeat = (value: number): number[] => new Array<number>(half).fill(value);
  const padded = [...repeat(values[0]!), ...values, ...repeat(values.at(-1)!)];
  return [...medianFilter(padded, kernelFrames).subarray(half, half + values.length)];
}
