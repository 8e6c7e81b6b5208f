import type { Model } from '@avd/stage-kit';
import type { BgrImage } from '@avd/vision';
import { BLAZEFACE_SIZE_STEP } from './decode-faces.js';
import type { FaceCandidate } from './decode-faces.js';
import { mergeFaces } from './merge-faces.js';
import { findCandidates, PictureSampler } from './picture-sampler.js';

/**
 * Longer side of the reduced picture, and the faces which are looked for in it, in its pixels. The network finds
 * faces of 11 to 200 px; two sizes together reach from 1/58 to the full width of a picture.
 */
const SCALES = [
  { longSidePx: 640, minFacePx: 11, maxFacePx: 130 },
  { longSidePx: 256, minFacePx: 36, maxFacePx: Infinity },
] as const;

/** Candidates of both sizes that overlap by more than this are one face. */
const SAME_FACE_IOU = 0.3;

/** Looks for faces in whole pictures of one size. */
export class WholeScan {
  readonly #scales: readonly {
    readonly sampler: PictureSampler;
    readonly widthPx: number;
    readonly heightPx: number;
    /** Pixels of the frame per pixel of the reduced picture. */
    readonly step: number;
    readonly minFacePx: number;
    readonly maxFacePx: number;
  }[];

  constructor(frameWidthPx: number, frameHeightPx: number) {
    this.#scales = SCALES.map(({ longSidePx, minFacePx, maxFacePx }) => {
      const step = Math.max(frameWidthPx, frameHeightPx) / longSidePx;
      const widthPx = roundUp(frameWidthPx / step);
      const heightPx = roundUp(frameHeightPx / step);
      const sampler = new PictureSampler(widthPx, heightPx);
      return { sampler, widthPx, heightPx, step, minFacePx, maxFacePx };
    });
  }

  /** @returns one candidate a face, best first, in pixels of the frame */
  async find(
    model: Model,
    frame: BgrImage,
    minScore: number,
    signal: AbortSignal,
  ): Promise<FaceCandidate[]> {
    const found = await Promise.all(
      this.#scales.map(async ({ sampler, widthPx, heightPx, step, minFacePx, maxFacePx }) => {
        const region = { left: 0, top: 0, right: widthPx * step, bottom: heightPx * step };
        const sample = sampler.sample(frame, region);
        const candidates = await findCandidates(model, sample, minScore, signal);
        return mergeFaces(candidates, SAME_FACE_IOU).filter(({ box }) => {
          const facePx = (box.right - box.left) / step;
          return facePx >= minFacePx && facePx <= maxFacePx;
        });
      }),
    );
    return mergeFaces(found.flat(), SAME_FACE_IOU);
  }
}

function roundUp(sizePx: number): number {
  return Math.max(1, Math.ceil(sizePx / BLAZEFACE_SIZE_STEP)) * BLAZEFACE_SIZE_STEP;
}
