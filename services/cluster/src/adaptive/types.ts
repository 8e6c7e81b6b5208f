import type { FrameRange, Speaker, SpeechTurn, TimeSpan } from '@avd/domain';

/** A stretch of voice frames, one every 10 ms, as `embed.EmbedVoices` writes them. */
export interface VoiceFrames {
  /** Frame t describes [0.01 t, 0.01 t + 0.01) s of the recording. */
  readonly startFrame: number;
  readonly frameCount: number;
  /** `c1` .. `cN` mel cepstrum, `logEnergy`, `logPitchHz`, `voicing`; value = byte * scale + offset. */
  readonly columns: readonly {
    readonly name: string;
    readonly scale: number;
    readonly offset: number;
  }[];
  /** Base64 of signed bytes, shape (frameCount, columns.length). */
  readonly data: string;
}

/** One face track and how much its lips look as if they speak. Frames at 25/s. */
export interface FaceEvidence extends FrameRange {
  readonly trackIndex: number;
  /** Probability, in [0, 1], that this face is speaking, one a frame; may be noisy, need not be calibrated. */
  readonly speaking: readonly number[];
  /** Person seen, as far as faces tell: tracks with the same number look alike. Absent: not known to look like any other. */
  readonly faceId?: number;
}

export interface AdaptiveInput {
  /** Where somebody speaks: ascending, not overlapping, seconds. */
  readonly speech: readonly TimeSpan[];
  /** Voice frames of the recording in order, without gaps. */
  readonly voices: readonly VoiceFrames[];
  /** Empty for sound alone. */
  readonly faces: readonly FaceEvidence[];
}

export interface AdaptiveParams {
  /** Exact number of speakers; wins over the limits. */
  readonly numSpeakers?: number;
  readonly minSpeakers?: number;
  readonly maxSpeakers?: number;
  /** Voices without a face: speakers of their own, or all the one speaker `unknown`. */
  readonly offscreen: 'cluster' | 'unknown';
}

export interface AdaptiveResult {
  /** Ordered by start, then speaker; two speakers may overlap. */
  readonly turns: readonly SpeechTurn[];
  /** In order of first appearance. */
  readonly speakers: readonly Speaker[];
}
