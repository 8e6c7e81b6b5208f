import type { MediaReader } from './media.js';
import type { ModelPool } from './model.js';

export type StageName = 'face-track' | 'syncnet' | 'vad' | 'embed' | 'cluster';

/** Work done so far inside one call of a stage, in units the user understands (frames, windows, tracks). */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** All that a stage may touch besides its input. */
export interface StageContext {
  readonly signal: AbortSignal;
  readonly media: MediaReader;
  readonly models: ModelPool;
  report(progress: Progress): void;
}

/**
 * A pure function of input and parameters, whoever calls it (in-process, gRPC, NATS).
 * Input and output are plain JSON-safe data: they are stored as blobs under a hash of
 * (name, version, input, params, media), so a finished result is never computed again.
 */
export interface Stage<Input, Output, Params> {
  /** `<stage>.<Method>`, e.g. `face-track.DetectFaces`. */
  readonly name: string;
  /** Raised whenever the same input would give another output. */
  readonly version: string;
  run(input: Input, params: Params, ctx: StageContext): Promise<Output>;
}
