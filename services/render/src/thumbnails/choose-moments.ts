import { FRAMES_PER_SEC, type Diarization, type FaceTrack } from '@avd/domain';
import type { TrackSpeaking } from '../face-path.js';

/** A frame in which a face could be taken as the picture of its speaker. */
export interface FaceMoment {
  readonly frameIndex: number;
  readonly centreX: number;
  readonly centreY: number;
  readonly halfSize: number;
  /** How large it is and how sure it speaks: higher is better. */
  readonly merit: number;
}

export interface MomentSource {
  readonly diarization: Diarization;
  readonly tracks: readonly FaceTrack[];
  readonly scores: readonly TrackSpeaking[];
  readonly picture: { readonly width: number; readonly height: number };
}

/** Only every tenth frame of the video is considered, so that a decoder may hand over those alone. */
export const MOMENT_STEP_FRAMES = 10;
/** Near its ends a face may be half gone in a fade or behind somebody. */
const END_MARGIN_FRAMES = 6;
/** Candidates this close look the same. */
const APART_FRAMES = 2 * FRAMES_PER_SEC;
/** Larger faces are not better once they fill the thumbnail well. */
const ENOUGH_HALF_SIZE_PX = 90;

/** The best few moments of every speaker with a face, best first, by size and by whether the speaker speaks then. */
export function chooseMoments(source: MomentSource, count: number): Map<string, FaceMoment[]> {
  const scoreOf = new Map(source.scores.map((score) => [score.trackIndex, score]));
  const chosen = new Map<string, FaceMoment[]>();
  for (const { label, trackIndexes } of source.diarization.speakers) {
    const turns = source.diarization.turns.filter(({ speaker }) => speaker === label);
    const moments = trackIndexes.flatMap((trackIndex) => {
      const track = source.tracks.find((other) => other.trackIndex === trackIndex);
      if (track === undefined) return [];
      return momentsOf(track, scoreOf.get(trackIndex), turns, source.picture);
    });
    moments.sort((a, b) => b.merit - a.merit || a.frameIndex - b.frameIndex);
    const kept: FaceMoment[] = [];
    for (const moment of moments) {
      if (kept.length === count) break;
      const isNew = kept.every(
        ({ frameIndex }) => Math.abs(frameIndex - moment.frameIndex) >= APART_FRAMES,
      );
      if (isNew) kept.push(moment);
    }
    if (kept.length > 0) chosen.set(label, kept);
  }
  return chosen;
}

function momentsOf(
  track: FaceTrack,
  score: TrackSpeaking | undefined,
  turns: readonly { readonly startSec: number; readonly endSec: number }[],
  picture: MomentSource['picture'],
): FaceMoment[] {
  const lengthFrames = track.endFrame - track.startFrame;
  const spareFrames = Math.max(0, lengthFrames - MOMENT_STEP_FRAMES);
  const margin = Math.min(END_MARGIN_FRAMES, Math.floor(spareFrames / 2));
  const moments: FaceMoment[] = [];
  const first = Math.ceil((track.startFrame + margin) / MOMENT_STEP_FRAMES) * MOMENT_STEP_FRAMES;
  for (
    let frameIndex = first;
    frameIndex < track.endFrame - margin;
    frameIndex += MOMENT_STEP_FRAMES
  ) {
    const at = frameIndex - track.startFrame;
    const timeSec = frameIndex / FRAMES_PER_SEC;
    const isSpeaking = turns.some(
      ({ startSec, endSec }) => startSec <= timeSec && timeSec < endSec,
    );
    const lips = score?.speaking[frameIndex - score.startFrame] ?? 0.5;
    const [centreX, centreY, halfSize] = [
      track.centreX[at]!,
      track.centreY[at]!,
      track.halfSize[at]!,
    ];
    const sizeMerit = Math.min(halfSize, ENOUGH_HALF_SIZE_PX);
    const inside =
      insideShare(centreX, halfSize, picture.width) *
      insideShare(centreY, halfSize, picture.height);
    const merit = sizeMerit * inside ** 2 * (isSpeaking ? 1 : 0.6) * (0.8 + 0.2 * lips);
    moments.push({ frameIndex, centreX, centreY, halfSize, merit });
  }
  return moments;
}

/** Share of [centre - half, centre + half] that lies in [0, size]. */
function insideShare(centre: number, half: number, size: number): number {
  const from = Math.max(0, centre - half);
  const to = Math.min(size, centre + half);
  return half <= 0 ? 0 : Math.max(0, to - from) / (2 * half);
}
