/** Row-major tensor. */
export interface Tensor {
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array;
  readonly dims: readonly number[];
}

/** A loaded network. Safe to call from several places at once; runs off the main thread. */
export interface Model {
  readonly name: string;
  /** SHA-256 of the weights file, hex. */
  readonly sha256: string;
  /** How it runs, where that may change the last bits of its numbers: part of the keys of results. Absent: as usual. */
  readonly runsOn?: string;
  run(
    inputs: Readonly<Record<string, Tensor>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, Tensor>>>;
}

/** Port to the networks; implemented by libs/inference over libs/models. */
export interface ModelPool {
  /** @throws AvdError kind `model` when the name is unknown or the weights are absent */
  load(name: string): Promise<Model>;
}
