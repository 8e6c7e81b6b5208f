import type { GraphBuilder } from '../onnx/index.js';

/** A value inside of a graph which the published descriptions of the network name. */
export interface InnerValue {
  /** Name in the graph. */
  readonly value: string;
  /** Number of axes. */
  readonly rank: number;
}

/** A network as ONNX graph. */
export interface NetworkGraph {
  readonly graph: GraphBuilder;
  /** Values on the way, by name: tests compare them with those of the original. */
  readonly innerValues: Readonly<Record<string, InnerValue>>;
}
