export { checkpointToOnnx } from './checkpoint-to-onnx.js';
export type { GraphForm } from './conv3x3.js';
export { graphForms, networkGraphs } from './network-graphs.js';
export type { NetworkName } from './network-graphs.js';
export type { InnerValue, NetworkGraph } from './network-graph.js';
