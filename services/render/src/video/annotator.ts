import { FRAMES_PER_SEC, type Diarization, type FaceTrack } from '@avd/domain';
import type { TrackSpeaking } from '../face-path.js';
import { MomentIndex, speakingConfidence } from '../page/face-at.js';
import { confidenceRgb, speakerRgb, toYuv, type Yuv } from './colours.js';
import { textMask, type Mask } from './text-mask.js';
import { createTimelineStrip } from './timeline-strip.js';
import { drawMask, fillRect, strokeRect, type YuvPicture } from './yuv-drawing.js';

export interface AnnotatorInput {
  readonly diarization: Diarization;
  readonly tracks: readonly FaceTrack[];
  /** By track, in any order; tracks may be missing. */
  readonly scores: readonly TrackSpeaking[];
}

/** The pictures to draw into. */
export interface AnnotatedFormat {
  /** Even. */
  readonly width: number;
  /** Even. */
  readonly height: number;
  readonly matrix: 'bt601' | 'bt709';
  /** Pixels of these pictures to a pixel of the tracks. */
  readonly scale: number;
}

const BLACK: Yuv = [16, 128, 128];
const WHITE: Yuv = [235, 128, 128];
const LABEL_COVER = 180;
const MIN_CAPITAL_PX = 8;
/** Height of a capital letter to the shorter side of the picture. */
const CAPITAL_SHARE = 0.018;
const CONFIDENCE_STEPS = 32;

/**
 * Draws boxes from red (does not speak) to green (speaks), the name of the speaker with the number of the track, the
 * names of those who are only heard, and a timeline with a moving cursor. Everything that stays the same is made here, once.
 *
 * @returns draws into the picture shown at a time, in place
 */
export function createAnnotator(
  { diarization, tracks, scores }: AnnotatorInput,
  format: AnnotatedFormat,
): (picture: YuvPicture, timeSec: number) => void {
  const { width, height, matrix, scale } = format;
  const capitalPx = Math.max(MIN_CAPITAL_PX, CAPITAL_SHARE * Math.min(width, height));
  const thickness = 2 * Math.max(1, Math.round(capitalPx / 8));
  const scoreOf = new Map(scores.map((score) => [score.trackIndex, score]));
  const speakerOf = new Map(
    diarization.speakers.flatMap(({ label, trackIndexes }, speakerId) =>
      trackIndexes.map((track) => [track, { label, speakerId }] as const),
    ),
  );
  const faces = new MomentIndex(tracks, ({ startFrame, endFrame }) => [
    startFrame / FRAMES_PER_SEC,
    endFrame / FRAMES_PER_SEC,
  ]);
  const turns = new MomentIndex(diarization.turns, ({ startSec, endSec }) => [startSec, endSec]);
  const boxColours = Array.from({ length: CONFIDENCE_STEPS + 1 }, (_, step) =>
    toYuv(confidenceRgb(step / CONFIDENCE_STEPS), matrix),
  );
  const strip = createTimelineStrip(diarization, format, capitalPx);
  const speakerIds = new Map(diarization.speakers.map(({ label }, id) => [label, id]));
  const labels = new Map<string, Label>();
  const labelOf = (text: string, speakerId: number | undefined): Label => {
    const known = labels.get(text);
    if (known !== undefined) return known;
    const label = {
      mask: textMask(text, capitalPx),
      ...(speakerId !== undefined && { dot: toYuv(speakerRgb(speakerId), matrix) }),
    };
    labels.set(text, label);
    return label;
  };
  const seenLabel = (trackIndex: number): Label => {
    const owner = speakerOf.get(trackIndex);
    return labelOf(`${owner?.label ?? '?'} #${trackIndex}`, owner?.speakerId);
  };

  return (picture, timeSec) => {
    const visible = faces.at(timeSec);
    const speaking = turns.at(timeSec);
    const isVisible = (track: number): boolean => visible.some((face) => face.trackIndex === track);
    for (const track of visible) {
      const { trackIndex } = track;
      const owner = speakerOf.get(trackIndex);
      const own = speaking.filter(({ speaker }) => speaker === owner?.label);
      const lips = lipsOf(scoreOf.get(trackIndex), timeSec);
      const confidence = speakingConfidence(lips, trackIndex, isVisible, own);
      const box = boxAt(track, timeSec, scale);
      const colour = boxColours[Math.round(confidence * CONFIDENCE_STEPS)]!;
      strokeRect(picture, box.left - 2, box.top - 2, box.side + 4, box.side + 4, 2, BLACK);
      strokeRect(picture, box.left, box.top, box.side, box.side, thickness, colour);
      drawLabel(picture, seenLabel(trackIndex), box, strip.top);
    }
    let bottom = strip.top;
    for (const speaker of new Set(speaking.map((turn) => turn.speaker))) {
      if (visible.some(({ trackIndex }) => speakerOf.get(trackIndex)?.label === speaker)) continue;
      const label = labelOf(`${speaker} (not seen)`, speakerIds.get(speaker));
      bottom -= label.mask.height + 4;
      drawLabel(picture, label, { left: 2, top: bottom + label.mask.height + 4 }, strip.top);
    }
    strip.draw(picture, timeSec);
  };
}

interface Label {
  readonly mask: Mask;
  readonly dot?: Yuv;
}

interface SquareBox {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** The smoothed face at a time between two frames, in pixels of the pictures; even numbers keep it from trembling. */
function boxAt(track: FaceTrack, timeSec: number, scale: number): SquareBox {
  const offset = timeSec * FRAMES_PER_SEC - track.startFrame;
  const last = track.endFrame - track.startFrame - 1;
  const from = Math.max(0, Math.min(last, Math.floor(offset)));
  const to = Math.min(last, from + 1);
  const share = Math.max(0, Math.min(1, offset - from));
  const mix = (values: readonly number[]): number =>
    scale * (values[from]! + share * (values[to]! - values[from]!));
  const half = mix(track.halfSize);
  return {
    left: 2 * Math.round((mix(track.centreX) - half) / 2),
    top: 2 * Math.round((mix(track.centreY) - half) / 2),
    side: 2 * Math.round(half),
  };
}

function lipsOf(score: TrackSpeaking | undefined, timeSec: number): number | undefined {
  if (score === undefined || score.speaking.length === 0) return undefined;
  const at = Math.floor(timeSec * FRAMES_PER_SEC + 1e-6) - score.startFrame;
  const value = score.speaking[Math.max(0, Math.min(score.speaking.length - 1, at))]!;
  return Math.max(0, Math.min(1, value));
}

/** The name on dark ground above the box, or inside of it where there is no room. */
function drawLabel(
  picture: YuvPicture,
  { mask, dot }: Label,
  box: Pick<SquareBox, 'left' | 'top'>,
  bottom: number,
): void {
  const padding = 2 * Math.round(mask.height / 10);
  const dotSide = dot === undefined ? 0 : 2 * Math.round(mask.height / 4);
  const dotSpace = dot === undefined ? 0 : dotSide + padding;
  const width = mask.width + dotSpace + 2 * padding;
  const left = Math.max(0, Math.min(picture.width - width, box.left - 2));
  const above = box.top - mask.height - 4;
  const top = Math.min(Math.max(0, above), bottom - mask.height);
  fillRect(picture, left, top, width + 2, mask.height + 2, BLACK, LABEL_COVER);
  if (dot !== undefined) {
    fillRect(picture, left + padding, top + (mask.height - dotSide) / 2, dotSide, dotSide, dot);
  }
  drawMask(picture, mask, left + padding + dotSpace, top, WHITE);
}
