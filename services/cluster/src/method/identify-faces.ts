import { groupFaces } from '../face-grouping.js';
import { joinFloatRows, type FloatRows } from '../float-rows.js';
import type { ChunkFaces, TrackSpan } from './inputs.js';

/**
 * Person of each of the given tracks, from the descriptors of their pictures.
 * @returns numbers from 0, in the order of the tracks
 */
export function identifyFaces(
  chunks: readonly ChunkFaces[],
  tracks: readonly TrackSpan[],
): number[] {
  const partsOf = new Map<number, FloatRows[]>();
  for (const { trackIndex, descriptors } of chunks.flatMap(({ faces }) => faces)) {
    const parts = partsOf.get(trackIndex);
    if (parts === undefined) partsOf.set(trackIndex, [descriptors]);
    else parts.push(descriptors);
  }
  return groupFaces(
    tracks.map(({ trackIndex, startFrame, endFrame }) => ({
      startFrame,
      endFrame,
      embeddings: joinFloatRows(partsOf.get(trackIndex) ?? []),
    })),
  );
}
