/**
 * Points of the MediaPipe face mesh (468 points x, y, z in pixels of the 192x192 picture) which the lip
 * measures use. Numbers as in the published mesh map.
 */
export const MESH_SIZE_PX = 192;
export const MESH_POINT_COUNT = 468;

/** Middle of the upper edge of the forehead and tip of the chin. */
export const FOREHEAD = 10;
export const CHIN = 152;
/** Outer and inner corners of the eyes: right eye, left eye (of the person). */
export const RIGHT_EYE = [33, 133] as const;
export const LEFT_EYE = [263, 362] as const;
export const NOSE_TIP = 1;
/** Edges of the face beside the ears. */
export const RIGHT_CHEEK = 234;
export const LEFT_CHEEK = 454;
/** Corners of the mouth, inner edge of the lips. */
export const MOUTH_CORNERS = [78, 308] as const;
/** Pairs of points of the inner upper and inner lower lip, opposite each other. */
export const INNER_LIP_PAIRS = [
  [13, 14],
  [82, 87],
  [312, 317],
] as const;
