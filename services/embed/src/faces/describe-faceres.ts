import type { Model } from '@avd/stage-kit';
import { nchwFormat, TensorCropper } from '@avd/vision';
import type { DescribeFace } from './describe-face.js';

const PICTURE_SIZE_PX = 224;
const PLANE = PICTURE_SIZE_PX * PICTURE_SIZE_PX;
/** Side of the picture in sides of the face box: some hair and chin, little background. */
const CROP_SIDES = 1.1;

/**
 * HSE FaceRes: unit vectors of 1024 numbers. Cosine distances: same person about 0.15, below 0.40; others 0.6, above
 * 0.42.
 */
export function createFaceresDescriber(model: Model): DescribeFace {
  const cropper = new TensorCropper({
    width: PICTURE_SIZE_PX,
    height: PICTURE_SIZE_PX,
    format: nchwFormat(PLANE, { channelOrder: 'rgb', scale: 1, offset: 0 }),
  });
  return async (frame, { centreX: x, centreY: y, halfSize }, signal) => {
    const half = halfSize * CROP_SIDES;
    const picture = new Float32Array(3 * PLANE);
    cropper.crop(
      frame,
      { left: x - half, top: y - half, right: x + half, bottom: y + half },
      picture,
    );
    const { descriptor } = await model.run(
      { image: { data: picture, dims: [1, 3, PICTURE_SIZE_PX, PICTURE_SIZE_PX] } },
      signal,
    );
    return toUnit(descriptor!.data as Float32Array);
  };
}

/** Unit length; five decimals are far below the noise of the network. */
function toUnit(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return Float32Array.from(values, (value) => Math.round(value * scale * 1e5) / 1e5);
}
