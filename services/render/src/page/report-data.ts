import type { Diarization, TimeSpan } from '@avd/domain';

/** What diarization.json holds (docs/diarization.schema.json). */
export interface DiarizationDocument extends Diarization {
  readonly schema: 'avd/diarization/1';
  readonly shots: readonly TimeSpan[];
  readonly tracks: readonly DocumentTrack[];
  /** Everything that decided the result. */
  readonly settings: unknown;
  /** True once a person has changed turns or speakers. */
  readonly corrected?: true;
}

export interface DocumentTrack extends TimeSpan {
  readonly trackIndex: number;
  /** Label of the speaker whose face it is; null for a face that never speaks. */
  readonly speaker: string | null;
}

/** Everything the page shows, embedded in it as JSON. */
export interface ReportData {
  readonly document: DiarizationDocument;
  readonly media: ReportMedia;
  readonly faces: readonly FacePath[];
  /** Speaker label and the address (`data:`) of a picture of the face; speakers only heard have none. */
  readonly thumbnails: readonly (readonly [label: string, picture: string])[];
  /** How loud each frame (1/25 s) is: one character a frame, see `LOUDNESS_CODE`. */
  readonly loudness: string;
}

export interface ReportMedia {
  /** File name, as correction files name the recording. */
  readonly name: string;
  /** Address relative to the page, or `embedded`: the file is in the page itself. */
  readonly source: { readonly href: string } | 'embedded';
  /** MIME type, e.g. `video/mp4`; empty when not known. */
  readonly mimeType: string;
  /** Size as shown; absent for sound alone. */
  readonly picture?: { readonly width: number; readonly height: number };
}

/** Where a face is while it is followed, thinned out: between two keys it moves in a straight line. */
export interface FacePath {
  readonly trackIndex: number;
  readonly startFrame: number;
  readonly endFrame: number;
  /** `KEY_NUMBERS` whole numbers a key: frames since startFrame, centre x, centre y and half size in pixels. */
  readonly keys: readonly number[];
  /** How much the lips speak: one digit (0 to 9 for 0 to 1) every `SPEAKING_STEP_FRAMES` frames; empty when not known. */
  readonly speaking: string;
}

export const KEY_NUMBERS = 4;
export const SPEAKING_STEP_FRAMES = 5;
/** Loudness steps of 1 dB: the first is silence (-64 dB of full scale or less), the last is full scale. */
export const LOUDNESS_CODE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
