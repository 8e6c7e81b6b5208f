export * from './onnx/index.js';
export { graphModelToOnnx } from './tfjs/graph-model-to-onnx.js';
export type { GraphModelConversion } from './tfjs/graph-model-to-onnx.js';
export { parseGraphModel } from './tfjs/graph-model.js';
export type { TfGraphModel } from './tfjs/graph-model.js';
export { locateModel } from './locate-model.js';
export type { LocatedModel, LocateModelOptions } from './locate-model.js';
export { defaultCacheDir } from './cache-dir.js';
export { filesOf, isDownloaded, modelManifest } from './manifest.js';
export type {
  ModelConversion,
  ModelEntry,
  ModelFile,
  ModelManifest,
  NpmOrigin,
  UrlFile,
  UrlOrigin,
} from './manifest.js';
export { parseManifest } from './parse-manifest.js';
export * from './store/index.js';
export * from './checkpoint/index.js';
export * from './networks/index.js';
export * from './quantize/index.js';
