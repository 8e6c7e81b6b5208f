import type { FrameConsumer } from './consume-frames.js';
import type { StageContext, StageName } from './stage.js';

/**
 * One method of a stage service: what a task calls, whoever carries it (in-process, gRPC, NATS).
 *
 * `Spec` is the small part of a call: the piece (a range of frames or samples) and the parameters. `Inputs` are finished
 * outputs of other methods, by the name of the step that made them, piece by piece in order; on a cluster they travel as
 * references and are read by the worker. All three are plain JSON-safe data.
 */
export interface StageMethod<Spec, Inputs, Output> {
  readonly stage: StageName;
  /** `<stage>.<Method>`, e.g. `face-track.DetectFaces`. */
  readonly name: string;
  /** Changes whenever the same call would give another output. */
  readonly version: string;
  /** Networks a call uses: their digests decide the output as well. */
  models(spec: Spec): readonly string[];
  run(spec: Spec, inputs: Inputs, ctx: StageContext): Promise<Output>;
}

/** A method that looks at frames one by one: calls of several such methods on one range can share the decoding. */
export interface FrameMethod<Spec, Inputs, Output> extends StageMethod<Spec, Inputs, Output> {
  open(spec: Spec, inputs: Inputs, ctx: StageContext): Promise<FrameConsumer<Output>>;
}

export const noModels = (): readonly string[] => [];
