import { closeGaps, closeWithErodedEnds } from './binary-closing.js';
import { findRuns } from './runs.js';
import { countSpeech } from './speech-frames.js';
import { alignedSyncConfidence, paddedSyncConfidence } from './sync-confidence.js';
import type { ReferenceTrack } from './types.js';

/** Lips fit the sound: speaking if the VAD agrees. */
const SYNC_CONFIDENCE = 0.5;
/** Lips fit so well that the VAD need not agree. */
const STRONG_SYNC_CONFIDENCE = 0.9;
/** Gaps shorter than this are closed. */
const CLOSING_FRAMES = 12;
/** A visible utterance must be longer than this. */
const MIN_UTTERANCE_FRAMES = 15;

/** Activity of one track; all arrays start at its first frame. */
export interface TrackActivity {
  /** Smoothed lip confidence; shape (frames), with quirks mostly (frames + 1). */
  readonly confidence: Float32Array;
  /** 0 or 1, before the gaps are closed. */
  readonly voted: Uint8Array;
  /** 0 or 1, after the gaps are closed. */
  readonly closed: Uint8Array;
}

/** A visible face speaking without a pause; frames of the recording. */
export interface Utterance {
  readonly track: ReferenceTrack;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Mean lip confidence. */
  readonly confidence: number;
}

/** Frames of a track in which its face speaks: two of three votes (VAD, confidence above 0.5, above 0.9), gaps closed. */
export function trackActivity(track: ReferenceTrack, quirks: boolean): TrackActivity {
  const confidence = smoothConfidence(track, quirks);
  const speech = countSpeech(track.speech, confidence.length, quirks);
  const voted = new Uint8Array(confidence.length);
  for (let frame = 0; frame < voted.length; frame++) {
    const value = confidence[frame]!;
    const voices = quirks ? speech[frame]! : Math.min(1, speech[frame]!);
    const lips = (value > SYNC_CONFIDENCE ? 1 : 0) + (value > STRONG_SYNC_CONFIDENCE ? 1 : 0);
    voted[frame] = voices + lips >= 2 ? 1 : 0;
  }
  const close = quirks ? closeWithErodedEnds : closeGaps;
  return { confidence, voted, closed: close(voted, CLOSING_FRAMES) };
}

function smoothConfidence(track: ReferenceTrack, quirks: boolean): Float32Array {
  if ('confidence' in track.lipSync) return track.lipSync.confidence;
  const { distances } = track.lipSync;
  return quirks
    ? paddedSyncConfidence(distances)
    : alignedSyncConfidence(distances, track.frameCount);
}

/** Runs of activity longer than 15 frames. */
export function findUtterances(track: ReferenceTrack, activity: TrackActivity): Utterance[] {
  return findRuns(activity.closed)
    .filter((run) => run.value !== 0 && run.length > MIN_UTTERANCE_FRAMES)
    .map((run) => {
      const confidences = activity.confidence.subarray(run.start, run.start + run.length);
      return {
        track,
        startFrame: track.startFrame + run.start,
        endFrame: track.startFrame + run.start + run.length,
        confidence: confidences.reduce((sum, value) => sum + value, 0) / run.length,
      };
    });
}
