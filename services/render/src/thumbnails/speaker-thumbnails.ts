import { FRAMES_PER_SEC } from '@avd/domain';
import type { BgrImage, MediaReader } from '@avd/stage-kit';
import {
  chooseMoments,
  MOMENT_STEP_FRAMES,
  type FaceMoment,
  type MomentSource,
} from './choose-moments.js';
import { encodeJpeg } from './encode-jpeg.js';
import { cutSquare, faceQuality } from './face-picture.js';

const THUMBNAIL_PX = 112;
const JUDGED_PX = 48;
const QUALITY = 82;
/** Part of the surroundings that belongs to a portrait: hair and chin. */
const MARGIN = 1.35;
/** Looked at for each speaker: more rarely finds a better picture. */
const CANDIDATES = 5;

/**
 * One picture of the face of every speaker who is seen, as data addresses: of the moments in which the face is
 * large and speaks the one where it is seen best.
 */
export async function speakerThumbnails(
  source: MomentSource,
  media: MediaReader,
  signal: AbortSignal,
): Promise<(readonly [label: string, picture: string])[]> {
  const candidates = [...chooseMoments(source, CANDIDATES)].flatMap(([label, moments]) =>
    moments.map((moment) => ({ label, moment })),
  );
  candidates.sort((a, b) => a.moment.frameIndex - b.moment.frameIndex);
  const best = new Map<string, { readonly merit: number; readonly jpeg: Uint8Array }>();
  for (const stretch of stretchesOf(candidates)) {
    const range = {
      startFrame: stretch[0]!.moment.frameIndex,
      endFrame: stretch.at(-1)!.moment.frameIndex + 1,
    };
    for await (const frame of media.frames(range, { signal, step: MOMENT_STEP_FRAMES })) {
      for (const { label, moment } of stretch) {
        if (moment.frameIndex !== frame.frameIndex) continue;
        const merit = moment.merit * faceQuality(cutSquare(frame, moment, JUDGED_PX));
        if (merit > (best.get(label)?.merit ?? -1)) {
          best.set(label, { merit, jpeg: portrait(frame, moment) });
        }
      }
    }
  }
  return source.diarization.speakers.flatMap(({ label }) => {
    const found = best.get(label);
    if (found === undefined) return [];
    return [[label, `data:image/jpeg;base64,${Buffer.from(found.jpeg).toString('base64')}`]];
  });
}

interface Candidate {
  readonly label: string;
  readonly moment: FaceMoment;
}

/** Moments close to each other are decoded in one go: entering a video costs some seconds of decoding. */
const MAX_GAP_FRAMES = 10 * FRAMES_PER_SEC;

function stretchesOf(candidates: readonly Candidate[]): Candidate[][] {
  const stretches: Candidate[][] = [];
  for (const candidate of candidates) {
    const last = stretches.at(-1);
    const gapFrames = candidate.moment.frameIndex - (last?.at(-1)?.moment.frameIndex ?? -Infinity);
    if (last === undefined || gapFrames > MAX_GAP_FRAMES) stretches.push([candidate]);
    else last.push(candidate);
  }
  return stretches;
}

function portrait(frame: BgrImage, { centreX, centreY, halfSize }: FaceMoment): Uint8Array {
  const square = { centreX, centreY, halfSize: halfSize * MARGIN };
  return encodeJpeg(cutSquare(frame, square, THUMBNAIL_PX), QUALITY);
}
