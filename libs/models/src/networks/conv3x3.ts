import type { GraphBuilder } from '../onnx/index.js';
import type { Kernel } from './kernel.js';
import { conv } from './layers.js';
import { winogradRows } from './winograd-rows.js';
import { winogradTiles } from './winograd-tiles.js';

/**
 * How large 3x3 convolutions are written: `plain` as one node each, or `winograd` with 2 to 4 times fewer
 * multiplications. The second is quicker on a processor; libraries for graphics cards choose such forms themselves, and
 * the 8-bit form is made of the plain one. Results differ by rounding only.
 */
export type GraphForm = 'plain' | 'winograd';

/** With fewer channels the transforms cost more than they save (measured, 252x448 pixels and less). */
const MIN_INPUTS_FOR_ROWS = 64;
const MIN_OUTPUTS_FOR_ROWS = 128;
const MIN_INPUTS_FOR_TILES = 512;

/** 3x3 convolution with stride 1 and zeros around the picture, in the quickest of its forms. */
export function conv3x3(
  graph: GraphBuilder,
  input: string,
  kernel: Kernel,
  form: GraphForm,
): string {
  const [outputs = 0, inputs = 0] = kernel.dims;
  if (form === 'winograd') {
    if (inputs >= MIN_INPUTS_FOR_TILES) return winogradTiles(graph, input, kernel);
    if (inputs >= MIN_INPUTS_FOR_ROWS && outputs >= MIN_OUTPUTS_FOR_ROWS) {
      return winogradRows(graph, input, kernel);
    }
  }
  return conv(graph, input, kernel, { pads: [1, 1] });
}
