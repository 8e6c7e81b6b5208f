export { GraphBuilder } from './graph-builder.js';
export { encodeModel, elementTypeOf, OPSET_VERSION } from './model-proto.js';
export { parseModel } from './parse-model.js';
export type {
  OnnxAttribute,
  OnnxElementType,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from './model-proto.js';
