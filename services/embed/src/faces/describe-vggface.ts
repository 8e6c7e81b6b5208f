import type { Model } from '@avd/stage-kit';
import { createBgrImage, FACE_CROP_SIZE_PX, FaceCropper, FacePictureMaker } from '@avd/vision';
import type { DescribeFace } from './describe-face.js';

/**
 * ResNet-50 trained on VGGFace2: 2048 numbers as they leave the network. Equal to `FaceCluster.extract` of the
 * reference, without its lossy video file in between.
 */
export function createVggfaceDescriber(model: Model): DescribeFace {
  const cropper = new FaceCropper();
  const maker = new FacePictureMaker();
  const crop = createBgrImage(FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX);
  const picture = new Uint8Array(crop.data.length);
  return async (frame, place, signal) => {
    cropper.crop(frame, place, crop.data);
    maker.make(crop, picture);
    // The pool copies its inputs before it gives control back, so the picture may be used again.
    const { embedding } = await model.run(
      { image: { data: picture, dims: [1, FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX, 3] } },
      signal,
    );
    return embedding!.data as Float32Array;
  };
}
