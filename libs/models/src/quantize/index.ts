export { startCalibration } from './calibration.js';
export type { Calibration } from './calibration.js';
export { planQuantization } from './plan.js';
export type { QuantizationPlan } from './plan.js';
export { quantizeGraph, withInnerOutputs } from './quantize-graph.js';
export {
  keepQuantized,
  locateQuantized,
  QUANTIZABLE,
  quantizedName,
  quantizedOf,
} from './quantized-file.js';
export type { QuantizableName } from './quantized-file.js';
export { RangeObserver } from './value-range.js';
export type { ValueRange } from './value-range.js';
