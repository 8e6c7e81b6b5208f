import type { Diarization, TimeSpan } from '@avd/domain';
import type { Stage } from '@avd/stage-kit';
import { joinFloatRows, type FloatRows } from '../float-rows.js';
import { diarizeReference } from './diarize-reference.js';
import { referenceToDiarization } from './to-diarization.js';
import type { ReferenceParams, ReferenceResult, ReferenceTrack } from './types.js';

/** A track as {@link ReferenceTrack}, in a form that survives JSON. */
export interface ReferenceStageTrack extends Pick<
  ReferenceTrack,
  'trackIndex' | 'startFrame' | 'frameCount' | 'faceId'
> {
  /** Distances in as many consecutive parts as they were made, or a confidence a frame. */
  readonly lipSync:
    { readonly distances: readonly FloatRows[] } | { readonly confidence: readonly number[] };
  /** Speech within the sound of the track, in seconds from its first frame. */
  readonly speech: readonly TimeSpan[];
}

export interface ReferenceStageInput {
  readonly tracks: readonly ReferenceStageTrack[];
  /** Speech in the whole recording. */
  readonly speech: readonly TimeSpan[];
  /** Voice windows which start 0.2 s apart, in order, in as many parts as they were made. */
  readonly voices: readonly FloatRows[];
}

export interface ReferenceStageOutput extends Pick<Diarization, 'turns' | 'speakers' | 'notices'> {
  /** The result in the terms of the reference: what its files are written from. */
  readonly reference: ReferenceResult;
}

/** {@link diarizeReference} as a stage. */
export const diarizeReferenceStage: Stage<
  ReferenceStageInput,
  ReferenceStageOutput,
  ReferenceParams
> = {
  name: 'cluster.DiarizeReference',
  version: '1',
  run: async ({ tracks, speech, voices }, params, ctx) => {
    ctx.signal.throwIfAborted();
    const reference = diarizeReference(
      {
        tracks: tracks.map((track) => ({ ...track, lipSync: lipSyncOf(track) })),
        speech,
        voices: joinFloatRows(voices),
      },
      params,
    );
    // Name and length of the recording do not take part.
    const { turns, speakers, notices } = referenceToDiarization(reference, tracks, {
      name: '',
      durationSec: 0,
    });
    return { turns, speakers, notices, reference };
  },
};

function lipSyncOf({ lipSync }: ReferenceStageTrack): ReferenceTrack['lipSync'] {
  if ('confidence' in lipSync) return { confidence: Float32Array.from(lipSync.confidence) };
  return { distances: joinFloatRows(lipSync.distances).data };
}
