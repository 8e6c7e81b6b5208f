import type { FrameRange } from '@avd/domain';
import { normalizeRows, rowDot, type RowMatrix } from './agglomerative-cosine.js';

/** One face track with the embeddings of a few of its pictures (the reference takes 4). */
export interface FaceSample extends FrameRange {
  /** Shape (pictures, dimensions); no picture at all puts the track in a group of its own. */
  readonly embeddings: RowMatrix;
}

/** Largest median cosine distance at which a track joins a group. */
export const FACE_GROUP_MAX_DISTANCE = 0.4;

interface FaceGroup {
  readonly spans: FrameRange[];
  readonly members: RowMatrix[];
  pictureCount: number;
}

/**
 * Gives every face track the number of a person, greedily in track order: among the groups that share no frame with the
 * track, it joins the one with the smallest median cosine distance over all picture pairs if that is at most maxDistance,
 * else it starts a new group. One person is never seen twice in one frame.
 * Equal to voxconverse.facecluster.FaceCluster on given features.
 *
 * @returns group number of each track, from 0 in order of first appearance
 */
export function groupFaces(
  tracks: readonly FaceSample[],
  maxDistance: number = FACE_GROUP_MAX_DISTANCE,
): number[] {
  const groups: FaceGroup[] = [];
  return tracks.map((track) => {
    const pictures = normalizeRows(track.embeddings);
    let nearest = -1;
    let best = Infinity;
    for (const [index, group] of groups.entries()) {
      if (group.spans.some((span) => sharesFrame(span, track))) continue;
      const distance = medianDistance(group, pictures);
      if (distance < best) {
        best = distance;
        nearest = index;
      }
    }
    if (nearest < 0 || best > maxDistance) {
      nearest = groups.length;
      groups.push({ spans: [], members: [], pictureCount: 0 });
    }
    const group = groups[nearest]!;
    group.spans.push({ startFrame: track.startFrame, endFrame: track.endFrame });
    group.members.push(pictures);
    group.pictureCount += pictures.rowCount;
    return nearest;
  });
}

function sharesFrame(a: FrameRange, b: FrameRange): boolean {
  return a.startFrame < b.endFrame && b.startFrame < a.endFrame;
}

/** Median over all pairs; Infinity when there is none. An even count takes the mean of the middle two. */
function medianDistance(group: FaceGroup, pictures: RowMatrix): number {
  const distances = new Float64Array(group.pictureCount * pictures.rowCount);
  if (distances.length === 0) return Infinity;
  let position = 0;
  for (const member of group.members) {
    for (let row = 0; row < member.rowCount; row++) {
      for (let picture = 0; picture < pictures.rowCount; picture++) {
        distances[position++] = 1 - rowDot(member, row, pictures, picture);
      }
    }
  }
  distances.sort();
  const middle = distances.length >> 1;
  return distances.length % 2 === 1
    ? distances[middle]!
    : (distances[middle - 1]! + distances[middle]!) / 2;
}
