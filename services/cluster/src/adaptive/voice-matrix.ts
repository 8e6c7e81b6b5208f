import { AvdError } from '@avd/domain';
import type { VoiceFrames } from './types.js';

/** Voice frames a second. */
export const VOICE_RATE_HZ = 100;
/** Cepstral coefficients used: the higher ones say more about the words than about the voice. */
const CEPSTRUM_COUNT = 15;
/** Numbers a frame: the cepstrum and the pitch. */
export const VOICE_DIMENSION = CEPSTRUM_COUNT + 1;
/** Periodicity above which a frame has a pitch. */
const VOICED = 0.5;

/** The frames of a recording as numbers. */
export interface VoiceMatrix {
  readonly frameCount: number;
  /** Cepstrum c1 .. c15 and ln pitch (bridged where there is none), shape (frameCount, 16). */
  readonly values: Float32Array;
  /** ln of the mean square, shape (frameCount). */
  readonly logEnergy: Float32Array;
}

/**
 * Decodes voice frames.
 * @throws AvdError kind `internal` when pieces do not follow each other or lack a column
 */
export function toVoiceMatrix(pieces: readonly VoiceFrames[]): VoiceMatrix {
  let frameCount = 0;
  for (const piece of pieces) {
    if (piece.startFrame !== frameCount) {
      throw new AvdError(
        'internal',
        'VOICE_FRAMES_NOT_CONTIGUOUS',
        `Voice frames go on at frame ${piece.startFrame} where ${frameCount} was expected.`,
      );
    }
    frameCount += piece.frameCount;
  }
  const values = new Float32Array(frameCount * VOICE_DIMENSION);
  const logEnergy = new Float32Array(frameCount);
  const voicing = new Float32Array(frameCount);
  for (const piece of pieces) {
    const bytes = Buffer.from(piece.data, 'base64');
    const width = piece.columns.length;
    const read = (name: string, out: Float32Array, first: number, step: number): void => {
      const index = piece.columns.findIndex((column) => column.name === name);
      const column = piece.columns[index];
      if (column === undefined || bytes.length < piece.frameCount * width) {
        throw new AvdError(
          'internal',
          'BAD_VOICE_FRAMES',
          `Voice frames have no complete column ${name}.`,
        );
      }
      for (let t = 0; t < piece.frameCount; t++) {
        out[first + (piece.startFrame + t) * step] =
          bytes.readInt8(t * width + index) * column.scale + column.offset;
      }
    };
    for (let k = 0; k < CEPSTRUM_COUNT; k++) read(`c${k + 1}`, values, k, VOICE_DIMENSION);
    read('logPitchHz', values, CEPSTRUM_COUNT, VOICE_DIMENSION);
    read('logEnergy', logEnergy, 0, 1);
    read('voicing', voicing, 0, 1);
  }
  bridgePitch(values, voicing);
  return { frameCount, values, logEnergy };
}

/** Smooths the pitch of voiced frames (median of 5 voiced ones) and draws straight lines between them. */
function bridgePitch(values: Float32Array, voicing: Float32Array): void {
  const voiced: number[] = [];
  for (let t = 0; t < voicing.length; t++) if (voicing[t]! > VOICED) voiced.push(t);
  const raw = voiced.map((t) => values[t * VOICE_DIMENSION + CEPSTRUM_COUNT]!);
  const neighbours = new Float32Array(5);
  const smooth = raw.map((_, i) => {
    for (let k = 0; k < 5; k++) {
      neighbours[k] = raw[Math.max(0, Math.min(raw.length - 1, i + k - 2))]!;
    }
    neighbours.sort();
    return neighbours[2]!;
  });
  let next = 0;
  for (let t = 0; t < voicing.length; t++) {
    while (next < voiced.length && voiced[next]! < t) next++;
    const right = smooth[next] ?? smooth.at(-1) ?? 0;
    const left = smooth[next - 1] ?? right;
    const from = voiced[next - 1] ?? t;
    const to = voiced[next] ?? t;
    const share = to > from ? (t - from) / (to - from) : 1;
    values[t * VOICE_DIMENSION + CEPSTRUM_COUNT] = left + (right - left) * share;
  }
}
