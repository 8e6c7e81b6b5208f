export { checkpointToOnnx } from './checkpoint-to-onnx.js';
export { networkGraphs } from './network-graphs.js';
export type { NetworkName } from './network-graphs.js';
export type { InnerValue, NetworkGraph } from './network-graph.js';
