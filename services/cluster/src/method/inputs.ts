import type { FrameRange, TimeSpan } from '@avd/domain';
import type { VoiceFrames } from '../adaptive/index.js';
import type { FloatRows } from '../float-rows.js';

/** A face track, as far as this stage looks at it. */
export type TrackSpan = FrameRange & { readonly trackIndex: number };

/** Consecutive windows of one track with their distances to the sound, as `syncnet.ReadLips` gives them. */
export interface SyncPiece {
  readonly trackIndex: number;
  readonly startWindow: number;
  readonly distances: FloatRows;
}

/** What `embed.EmbedFaces` gives for one chunk. */
export interface ChunkFaces {
  readonly faces: readonly { readonly trackIndex: number; readonly descriptors: FloatRows }[];
}

/** Results of the other stages, by the step that made them; a step that was not planned is absent. */
export interface DiarizeInputs {
  readonly detectSpeech: readonly { readonly segments: readonly TimeSpan[] }[];
  readonly embedVoices?: readonly VoiceFrames[];
  readonly embedVoiceWindows?: readonly { readonly embeddings: FloatRows }[];
  readonly linkTracks?: readonly { readonly tracks: readonly TrackSpan[] }[];
  readonly readLips?: readonly { readonly sync?: { readonly pieces: readonly SyncPiece[] } }[];
  readonly scoreLips?: readonly {
    readonly tracks: readonly (TrackSpan & { readonly speaking: readonly number[] })[];
  }[];
  readonly embedFaces?: readonly ChunkFaces[];
  /** By track. */
  readonly detectTrackSpeech?: readonly (readonly { readonly segments: readonly TimeSpan[] }[])[];
}
