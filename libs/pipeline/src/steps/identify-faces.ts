import type { FrameRange } from '@avd/domain';
import { fromFloatRows, groupFaces } from '@avd/cluster';
import type { FloatRows } from '@avd/embed';
import type { StepResults } from './step.js';

/**
 * Person of each of the given tracks, from the descriptors of their pictures.
 * @returns numbers from 0, in the order of the tracks
 */
export function identifyFaces(
  results: StepResults,
  tracks: readonly (FrameRange & { readonly trackIndex: number })[],
): number[] {
  const partsOf = new Map<number, FloatRows[]>();
  for (const { trackIndex, descriptors } of results.readFaces!.flatMap(
    ({ identity }) => identity.faces,
  )) {
    const parts = partsOf.get(trackIndex);
    if (parts === undefined) partsOf.set(trackIndex, [descriptors]);
    else parts.push(descriptors);
  }
  return groupFaces(
    tracks.map(({ trackIndex, startFrame, endFrame }) => {
      const parts = partsOf.get(trackIndex) ?? [];
      const columnCount = parts[0]?.columnCount ?? 0;
      const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
      const data = new Float32Array(rowCount * columnCount);
      let offset = 0;
      for (const part of parts) {
        data.set(fromFloatRows(part).data, offset);
        offset += part.rowCount * columnCount;
      }
      return { startFrame, endFrame, embeddings: { data, rowCount, columnCount } };
    }),
  );
}
