import type { Box } from '@avd/domain';
import type { Model } from '@avd/stage-kit';
import { boxIou } from '@avd/vision';
import type { BgrImage } from '@avd/vision';
import type { FaceCandidate } from './decode-faces.js';
import { mergeFaces } from './merge-faces.js';
import { findCandidates, PictureSampler } from './picture-sampler.js';

/** Side of the network's input: 2.5 ms a face, and boxes as steady as with twice the side. */
const SIDE_PX = 128;
/** Side of the region in face widths: a head may move by half its width until the next look. */
const REGION_FACES = 2.2;
/** The face found there must be the one looked for. */
const SAME_FACE_IOU = 0.3;

/** Looks for one face where it is expected; always at the same size, so that boxes keep to one convention. */
export class CloseLook {
  readonly #sampler = new PictureSampler(SIDE_PX, SIDE_PX);

  /**
   * Reads the pixels before it returns its promise.
   * @param expected where the face was or may be
   * @returns the face, undefined when there is none with this score
   */
  async find(
    model: Model,
    frame: BgrImage,
    expected: Box,
    minScore: number,
    signal: AbortSignal,
  ): Promise<FaceCandidate | undefined> {
    const sample = this.#sampler.sample(frame, regionAround(expected));
    const candidates = await findCandidates(model, sample, minScore, signal);
    let nearest: FaceCandidate | undefined;
    let nearestIou = SAME_FACE_IOU;
    for (const face of mergeFaces(candidates, SAME_FACE_IOU)) {
      const iou = boxIou(face.box, expected);
      if (iou <= nearestIou) continue;
      nearest = face;
      nearestIou = iou;
    }
    return nearest;
  }
}

function regionAround(box: Box): Box {
  const centreX = (box.left + box.right) / 2;
  const centreY = (box.top + box.bottom) / 2;
  const half = ((box.right - box.left + box.bottom - box.top) / 4) * REGION_FACES;
  return {
    left: centreX - half,
    top: centreY - half,
    right: centreX + half,
    bottom: centreY + half,
  };
}
