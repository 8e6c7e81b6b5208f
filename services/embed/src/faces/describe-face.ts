import type { Model, ModelPool, VideoFrame } from '@avd/stage-kit';
import type { FacePlace } from '@avd/vision';
import { createFaceresDescriber } from './describe-faceres.js';
import { createVggfaceDescriber } from './describe-vggface.js';

/**
 * Describes who one face is. Takes the pixels before its first `await`.
 * @returns numbers which are alike, by their cosine, for the same person
 */
export type DescribeFace = (
  frame: VideoFrame,
  place: FacePlace,
  signal: AbortSignal,
) => Promise<Float32Array>;

const describers = {
  faceres: createFaceresDescriber,
  'vggface-resnet50': createVggfaceDescriber,
} as const satisfies Readonly<Record<string, (model: Model) => DescribeFace>>;

/** Names of the face networks. */
export type FaceModelName = keyof typeof describers;

/** Loads a face network. One for each pass over frames, as it holds scratch memory. */
export async function loadFaceDescriber(
  name: FaceModelName,
  models: ModelPool,
): Promise<DescribeFace> {
  return describers[name](await models.load(name));
}
