export {
  agglomerativeAverage,
  averageLinkage,
  condensedIndex,
  type LinkageTree,
} from './agglomerative.js';
export { treeToLabels } from './agglomerative-labels.js';
export {
  condensedCosineDistances,
  normalizeRows,
  rowDot,
  type RowMatrix,
} from './agglomerative-cosine.js';
export { fromFloatRows, type FloatRows } from './float-rows.js';
export { FACE_GROUP_MAX_DISTANCE, groupFaces, type FaceSample } from './face-grouping.js';
export * from './reference/index.js';
export * from './adaptive/index.js';
export { diarizeMethod, type DiarizeOutput, type DiarizeSpec } from './method/diarize.js';
export type { DiarizeInputs } from './method/inputs.js';
