import type { TimeSpan } from '@avd/domain';
import type { RowMatrix } from '../agglomerative-cosine.js';

/** How well the lips of a track fit the sound: SyncNet's distances, or a confidence a frame from elsewhere. */
export type LipSync =
  | {
      /** Cosine distances over 21 shifts of the sound (-10..10 frames), shape (frames - 5, 21), row-major. */
      readonly distances: Float32Array;
    }
  | {
      /** Smoothed confidence (about -1..1, speaking above 0.5), one number a frame of the track. */
      readonly confidence: Float32Array;
    };

/** One face track and what is known about it. */
export interface ReferenceTrack {
  readonly trackIndex: number;
  readonly startFrame: number;
  readonly frameCount: number;
  /** Person, from `groupFaces`. */
  readonly faceId: number;
  readonly lipSync: LipSync;
  /** Speech within the sound of the track, in seconds from its first frame. */
  readonly speech: readonly TimeSpan[];
}

export interface ReferenceInput {
  readonly tracks: readonly ReferenceTrack[];
  /** Speech in the whole recording. */
  readonly speech: readonly TimeSpan[];
  /** Voice embeddings of 2 s windows which start 0.2 s apart; no row when the sound is too short. */
  readonly voices: RowMatrix;
}

export interface ReferenceParams {
  /**
   * True: results bit for bit as the reference gives them. False: its method without its slips, i.e. VAD times to the
   * nearest frame and touching segments joined; lip confidence aligned to the frame and not pulled down at the ends of a
   * track; activity there kept; short visible speech left to the voice instead of dropped; voices compared after length
   * normalisation, by speaker instead of by face, from the nearest window; ties kept; faces seen together never one person.
   */
  readonly quirks: boolean;
  /** Faces whose voices are nearer than this (cosine distance, average linkage) are one speaker. */
  readonly voiceMergeDistance: number;
  /** Cosine similarity from which off-screen speech goes to a known speaker. */
  readonly offscreenMinSimilarity: number;
  /** Off-screen speech of nobody known: one label `unknown`, or grouped by voice into `VOICE_0`, `VOICE_1`, ... */
  readonly groupUnknownVoices: boolean;
}

/** The values of the 2020 paper. */
export const REFERENCE_DEFAULTS: ReferenceParams = {
  quirks: true,
  voiceMergeDistance: 0.3,
  offscreenMinSimilarity: 0.6,
  groupUnknownVoices: false,
};

/** Label of speech that fits nobody. */
export const UNKNOWN_SPEAKER = 'unknown';

/** One stretch of speech. Times are frame numbers over 25. */
export interface ReferenceEntry {
  /** `<n>` for the n-th visible utterance, `<run>_<sub-run>` for speech off screen; orders the reference's files. */
  readonly key: string;
  /** `ID_` and the face ids of the speaker joined by `/`, `unknown`, or `VOICE_<n>`. */
  readonly label: string;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Track whose face was seen speaking; absent off screen. */
  readonly trackIndex?: number;
  /** Mean lip confidence (visible) or mean similarity to the best known voice (off screen); about -1..1. */
  readonly evidence: number;
}

export interface ReferenceSpeaker {
  readonly label: string;
  readonly faceIds: readonly number[];
}

export interface ReferenceResult {
  /** Visible utterances by track, then off-screen speech by time. */
  readonly entries: readonly ReferenceEntry[];
  /** Speakers known by their face, in order of their lowest face id. */
  readonly speakers: readonly ReferenceSpeaker[];
  /** Sentences for the user about cues that were missing. */
  readonly notices: readonly string[];
}
