import { FRAMES_PER_SEC } from '@avd/domain';
import type { Conversation, PageTurn } from './corrections.js';
import { KEY_NUMBERS, SPEAKING_STEP_FRAMES, type FacePath } from './report-data.js';

/** Middle and half size of a face in pixels of the video. */
export interface FacePosition {
  readonly centreX: number;
  readonly centreY: number;
  readonly halfSize: number;
}

/**
 * Where the face is; between keys in a straight line, after the last key (which stands for the last frame) still there.
 * @param frame position in frames of the video, need not be whole; inside of the track
 */
export function facePosition({ startFrame, keys }: FacePath, frame: number): FacePosition {
  const offset = frame - startFrame;
  let low = 0;
  let high = keys.length / KEY_NUMBERS - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (keys[middle * KEY_NUMBERS]! <= offset) low = middle;
    else high = middle - 1;
  }
  const from = low * KEY_NUMBERS;
  const to = Math.min(from + KEY_NUMBERS, keys.length - KEY_NUMBERS);
  const lengthFrames = keys[to]! - keys[from]!;
  const share = lengthFrames === 0 ? 0 : Math.max(0, (offset - keys[from]!) / lengthFrames);
  const mix = (part: number): number =>
    keys[from + part]! + share * (keys[to + part]! - keys[from + part]!);
  return { centreX: mix(1), centreY: mix(2), halfSize: mix(3) };
}

/** How much the lips speak at a frame of the track, in [0, 1]; undefined when not measured. */
export function lipsAt({ startFrame, speaking }: FacePath, frame: number): number | undefined {
  if (speaking === '') return undefined;
  const step = Math.floor((frame - startFrame) / SPEAKING_STEP_FRAMES);
  return Number(speaking[Math.max(0, Math.min(speaking.length - 1, step))]) / 9;
}

/** Share of the scale that belongs to faces without a turn, and where that of faces with one begins. */
const SILENT_PART = 0.35;
const SPEAKING_FROM = 0.75;

/**
 * How sure it is that this face speaks, in [0, 1]: whether its speaker has a turn decides the part of the scale (at most
 * 0.35, or at least 0.75, so that their colours cannot be taken for each other), the lips where in that part.
 *
 * @param turns the turns at this moment
 */
export function speakingConfidence(
  lips: number | undefined,
  trackIndex: number,
  isVisible: (trackIndex: number) => boolean,
  turns: readonly Pick<PageTurn, 'confidence' | 'trackIndex'>[],
): number {
  // A turn that was seen on another face of this person which is in the picture now is not this face's.
  const turn = turns.find(
    (other) =>
      other.trackIndex === undefined ||
      other.trackIndex === trackIndex ||
      !isVisible(other.trackIndex),
  );
  if (turn === undefined) return SILENT_PART * (lips ?? 0);
  return SPEAKING_FROM + (1 - SPEAKING_FROM) * (lips ?? turn.confidence);
}

/** Finds what is there at a moment without looking at everything: spans sorted into boxes of ten seconds. */
export class MomentIndex<Item> {
  readonly #items: ReadonlyMap<number, readonly Item[]>;
  readonly #spanOf: (item: Item) => Span;

  constructor(items: readonly Item[], spanOf: (item: Item) => Span) {
    this.#spanOf = spanOf;
    const bins = new Map<number, Item[]>();
    for (const item of items) {
      const [startSec, endSec] = spanOf(item);
      for (let bin = Math.floor(startSec / BIN_SEC); bin * BIN_SEC < endSec; bin++) {
        const list = bins.get(bin);
        if (list === undefined) bins.set(bin, [item]);
        else list.push(item);
      }
    }
    this.#items = bins;
  }

  at(timeSec: number): Item[] {
    return (this.#items.get(Math.floor(timeSec / BIN_SEC)) ?? []).filter((item) => {
      const [startSec, endSec] = this.#spanOf(item);
      return startSec <= timeSec && timeSec < endSec;
    });
  }
}

const BIN_SEC = 10;
type Span = readonly [startSec: number, endSec: number];

export function facesByMoment(faces: readonly FacePath[]): MomentIndex<FacePath> {
  return new MomentIndex(faces, ({ startFrame, endFrame }) => [
    startFrame / FRAMES_PER_SEC,
    endFrame / FRAMES_PER_SEC,
  ]);
}

export function turnsByMoment({ turns }: Conversation): MomentIndex<PageTurn> {
  return new MomentIndex(turns, ({ startSec, endSec }) => [startSec, endSec]);
}
