import type { TimeSpan } from './time.js';

/** Why a turn was given to its speaker; each number in [0, 1], absent when that cue was not used. */
export interface TurnEvidence {
  /** Lips of the speaker's face move with the sound. */
  readonly lipSync?: number;
  /** The voice resembles the speaker's voice in the rest of the recording. */
  readonly voice?: number;
  /** Face identity: how sure the face is the speaker's face. */
  readonly face?: number;
}

/** One speaker speaking without a pause. */
export interface SpeechTurn extends TimeSpan {
  /** Speaker label, e.g. `spk00`. */
  readonly speaker: string;
  /** Range [0, 1]. */
  readonly confidence: number;
  readonly evidence: TurnEvidence;
  /** Face track which was seen speaking; absent for speech off screen. */
  readonly trackIndex?: number;
}

export interface Speaker {
  readonly label: string;
  /** Face tracks of this person; empty for someone only heard. */
  readonly trackIndexes: readonly number[];
  readonly talkTimeSec: number;
  readonly turnCount: number;
}

/** Who spoke when in one recording. */
export interface Diarization {
  /** Recording name as written to RTTM. */
  readonly recording: string;
  readonly durationSec: number;
  readonly turns: readonly SpeechTurn[];
  readonly speakers: readonly Speaker[];
  /** Sentences for the user, e.g. that the video has no sound. */
  readonly notices: readonly string[];
}
