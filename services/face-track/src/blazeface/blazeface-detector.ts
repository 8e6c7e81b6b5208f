import type { FaceDetection } from '@avd/domain';
import type { Model, VideoFrame } from '@avd/stage-kit';
import { boxIou, suppressOverlaps } from '@avd/vision';
import type { BgrImage } from '@avd/vision';
import type { CreateFaceDetector, FaceDetector } from '../face-detector.js';
import { DEFAULT_SHOT_OPTIONS } from '../find-shots.js';
import { CloseLook } from './close-look.js';
import type { FaceCandidate } from './decode-faces.js';
import { toFaceBox } from './face-box.js';
import { WholeScan } from './whole-scan.js';

export const BLAZEFACE_MODEL_NAME = 'blazeface';

/** The whole picture is searched this often, in frames; in between only known faces are followed. */
const SCAN_EVERY_FRAMES = 25;
/** The same while a known face is missing or there is none. */
const ANXIOUS_SCAN_EVERY_FRAMES = 15;
/** After a cut it is searched at once, unless another cut was this close: flicker must not cost a search a frame. */
const MIN_CUT_DISTANCE_FRAMES = 5;
/** Faces are forgotten about this often, so that a range of frames can be handled alone. */
const PERIOD_FRAMES = 100;
/** Score of a new face in the whole picture, and then in the close look that has to confirm it. */
const NEW_FACE_SCORE = 0.6;
/** Score with which a known face is still believed. */
const KNOWN_FACE_SCORE = 0.45;
/** A face that was not found is looked for this many times more in the same place. */
const MAX_MISSES = 2;
/** Only the largest faces are followed: in a crowd nobody speaks. */
const MAX_FACES = 16;
/** Two close looks have found the same face when the boxes overlap by more than this. */
const SAME_FACE_IOU = 0.4;

interface KnownFace extends FaceCandidate {
  /** Looks since it was last found. */
  readonly missCount: number;
}

/** What the detector remembers from look to look. */
interface Memory {
  readonly faces: readonly KnownFace[];
  readonly lastScanFrame: number;
  /** Last search for the sake of a cut. */
  readonly lastCutScanFrame: number;
  /** There was a cut after the last search. */
  readonly isCutOpen: boolean;
}

const BLANK: Memory = {
  faces: [],
  lastScanFrame: -Infinity,
  lastCutScanFrame: -Infinity,
  isCutOpen: false,
};

/**
 * Face detector on BlazeFace: searches the whole picture at two sizes now and then and right after cuts, and
 * follows the faces found there with close looks at every `detectEvery`th frame. Finds faces from about 1/58 of the
 * longer side of the picture (22 px at 1280x720) to full-screen ones.
 */
export const createBlazeFaceDetector: CreateFaceDetector = async (options, models) =>
  new BlazeFaceDetector(
    await models.load(BLAZEFACE_MODEL_NAME),
    options.detectEvery,
    options.minScore,
  );

class BlazeFaceDetector implements FaceDetector {
  readonly gridPeriodFrames: number;
  readonly #model: Model;
  readonly #detectEvery: number;
  readonly #minNewScore: number;
  readonly #minKnownScore: number;
  readonly #closeLook = new CloseLook();
  readonly #spareBuffers: Uint8Array[] = [];
  #wholeScan: WholeScan | undefined;
  /** Memory after the look before: looks wait for each other, frames do not wait for looks. */
  #memory: Promise<Memory> = Promise.resolve(BLANK);

  constructor(model: Model, detectEvery: number, minScore: number | undefined) {
    this.#model = model;
    this.#detectEvery = detectEvery;
    this.gridPeriodFrames = Math.ceil(PERIOD_FRAMES / detectEvery) * detectEvery;
    this.#minNewScore = minScore ?? NEW_FACE_SCORE;
    this.#minKnownScore = minScore ?? KNOWN_FACE_SCORE;
  }

  async detect(
    frame: VideoFrame,
    contentScore: number,
    signal: AbortSignal,
  ): Promise<readonly FaceDetection[] | undefined> {
    const isCut = contentScore >= DEFAULT_SHOT_OPTIONS.cutThreshold;
    if (!isCut && frame.frameIndex % this.#detectEvery !== 0) return undefined;
    const isFirst = frame.frameIndex % this.gridPeriodFrames === 0;
    const before = isFirst ? Promise.resolve(BLANK) : this.#memory;
    const copy = this.#copyPixels(frame);
    const look = this.#look(before, copy, isCut, signal);
    this.#memory = look.then(({ memory }) => memory);
    // The caller sees a failure; here it must not count as unhandled when no look follows.
    this.#memory.catch(() => undefined);
    try {
      return (await look).found;
    } finally {
      this.#spareBuffers.push(copy.data);
    }
  }

  async #look(
    before: Promise<Memory>,
    frame: VideoFrame,
    isCut: boolean,
    signal: AbortSignal,
  ): Promise<{ memory: Memory; found: readonly FaceDetection[] | undefined }> {
    const memory = await before;
    const { faces: known } = memory;
    const isCutOpen = isCut || memory.isCutOpen;
    const isCutScan =
      isCutOpen && frame.frameIndex - memory.lastCutScanFrame >= MIN_CUT_DISTANCE_FRAMES;
    const isScan = isCutScan || frame.frameIndex - memory.lastScanFrame >= scanDistance(known);
    if (!isScan && known.length === 0) {
      return { memory: { ...memory, isCutOpen }, found: undefined };
    }
    const [candidates, followed] = await Promise.all([
      isScan ? this.#scan(frame, signal) : [],
      Promise.all(known.map((face) => this.#follow(frame, face, signal))),
    ]);
    const seen = followed.filter(({ missCount }) => missCount === 0);
    const unknown = candidates.filter((candidate) => !isAmong(seen, candidate));
    const confirmed = await Promise.all(
      largestFirst(unknown).map(({ box }) =>
        this.#closeLook.find(this.#model, frame, box, this.#minNewScore, signal),
      ),
    );
    for (const face of confirmed) if (face !== undefined) seen.push({ ...face, missCount: 0 });
    const distinct = largestFirst(suppressOverlaps(seen, SAME_FACE_IOU));
    const missing = followed.filter(
      (face) => face.missCount > 0 && face.missCount <= MAX_MISSES && !isAmong(distinct, face),
    );
    return {
      memory: {
        faces: [...distinct, ...missing].slice(0, MAX_FACES),
        lastScanFrame: isScan ? frame.frameIndex : memory.lastScanFrame,
        lastCutScanFrame: isCutScan ? frame.frameIndex : memory.lastCutScanFrame,
        isCutOpen: isCutOpen && !isScan,
      },
      found: distinct.map(({ box, score }) => ({ box: toFaceBox(box), score })),
    };
  }

  async #scan(frame: BgrImage, signal: AbortSignal): Promise<readonly FaceCandidate[]> {
    this.#wholeScan ??= new WholeScan(frame.width, frame.height);
    const candidates = await this.#wholeScan.find(this.#model, frame, this.#minNewScore, signal);
    return largestFirst(candidates).slice(0, MAX_FACES);
  }

  async #follow(frame: BgrImage, face: KnownFace, signal: AbortSignal): Promise<KnownFace> {
    const minScore = this.#minKnownScore;
    const found = await this.#closeLook.find(this.#model, frame, face.box, minScore, signal);
    return found === undefined
      ? { ...face, missCount: face.missCount + 1 }
      : { ...found, missCount: 0 };
  }

  /** The frame's own pixels are gone by the time the look before is over. */
  #copyPixels(frame: VideoFrame): VideoFrame {
    const data = this.#spareBuffers.pop() ?? new Uint8Array(frame.data.length);
    data.set(frame.data);
    return { ...frame, data };
  }
}

function scanDistance(known: readonly KnownFace[]): number {
  const isAnxious = known.length === 0 || known.some(({ missCount }) => missCount > 0);
  return isAnxious ? ANXIOUS_SCAN_EVERY_FRAMES : SCAN_EVERY_FRAMES;
}

function isAmong(faces: readonly FaceCandidate[], { box }: FaceCandidate): boolean {
  return faces.some((face) => boxIou(face.box, box) > SAME_FACE_IOU);
}

function largestFirst<Face extends FaceCandidate>(faces: readonly Face[]): Face[] {
  const areaOf = ({ box }: Face): number => (box.right - box.left) * (box.bottom - box.top);
  return [...faces].sort((a, b) => areaOf(b) - areaOf(a));
}
