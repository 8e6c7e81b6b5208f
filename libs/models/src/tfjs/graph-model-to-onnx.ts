import { unsupported } from '../errors.js';
import { GraphBuilder } from '../onnx/index.js';
import { channelsLast, converters } from './converters.js';
import type { TfGraphModel, TfNode } from './graph-model.js';
import { Scope } from './scope.js';
import type { Converter } from './scope.js';

export interface GraphModelConversion {
  /** Name of the graph in the file. */
  readonly name: string;
  /** Name of the one picture input in the ONNX graph. */
  readonly inputName: string;
  /**
   * The net may be run on pictures of any height and width that are multiples of this number (a multiple of
   * all strides of the net taken together, so that SAME padding is the same for each of them); absent: only
   * on the size it was made for. Its outputs must have the shape [batch, places, values].
   */
  readonly sizeStep?: number;
  /** TensorFlow node -> name of the ONNX output. What these do not need is left out. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Rewrites a TensorFlow.js graph model (NHWC, one picture input) as ONNX, opset 17. Batch size 1: larger
 * batches change the last bits of results, and ours must be the same bytes for any chunking.
 *
 * The ONNX graph takes `inputName`: float32 [1, channels, height, width], channels first, otherwise the same
 * numbers as the original, and gives each named output as float32 with TensorFlow's shape.
 *
 * @returns bytes of the .onnx file, the same for the same model
 * @throws AvdError kind `model` for an operation it does not know
 */
export function graphModelToOnnx(
  model: TfGraphModel,
  conversion: GraphModelConversion,
): Uint8Array {
  const builder = new GraphBuilder(conversion.name);
  const isSizeFree = conversion.sizeStep !== undefined;
  const convertPlaceholder: Converter = (node) => {
    const dims = placeholderDims(node);
    const [batch = 1, height = 0, width = 0, channels = 0] = dims;
    const step = conversion.sizeStep ?? 1;
    if (height % step !== 0 || width % step !== 0) {
      throw unsupported(`size step ${step} for a picture of ${width}x${height}`);
    }
    builder.input({
      name: conversion.inputName,
      type: 'float32',
      dims: [batch, channels, ...(isSizeFree ? ['height', 'width'] : [height, width])],
    });
    return { kind: 'computed', name: conversion.inputName, dims };
  };
  const scope = new Scope(
    builder,
    model,
    new Map([...converters, ['Placeholder', convertPlaceholder]]),
    Object.keys(conversion.outputs),
    isSizeFree,
  );
  for (const [reference, outputName] of Object.entries(conversion.outputs)) {
    const computed = scope.computed(reference);
    builder.node('Identity', [channelsLast(scope, computed)], {}, [outputName]);
    const [batch = 1, , ...rest] = computed.dims;
    const dims = isSizeFree ? [batch, `${outputName}_places`, ...rest] : computed.dims;
    builder.output({ name: outputName, type: 'float32', dims });
  }
  return builder.encode();
}

function placeholderDims(node: TfNode): readonly number[] {
  const sizes = (node.attr?.['shape']?.shape?.dim ?? []).map((dim) => Number(dim.size));
  const dims = sizes.map((size, axis) => (axis === 0 ? 1 : size));
  if (dims.length !== 4 || dims.some((size) => !(size > 0))) {
    throw unsupported(`input ${node.name} of shape [${sizes.join(', ')}]`);
  }
  return dims;
}
