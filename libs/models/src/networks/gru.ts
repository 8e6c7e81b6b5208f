import type { Weights } from '../checkpoint/index.js';
import type { OnnxTensor } from '../onnx/index.js';

/**
 * Two one-way GRUs of torch as the inputs W, R and B of one bidirectional GRU of ONNX.
 * @param names of the GRU in time order and of the one that gets the sequence in reverse
 */
export async function readGruPair(
  weights: Weights,
  names: readonly [string, string],
  { inputs, hidden }: { readonly inputs: number; readonly hidden: number },
): Promise<[OnnxTensor, OnnxTensor, OnnxTensor]> {
  const gates = 3 * hidden;
  const inputWeight = new Float32Array(2 * gates * inputs);
  const stateWeight = new Float32Array(2 * gates * hidden);
  const bias = new Float32Array(2 * 2 * gates);
  for (const [direction, name] of names.entries()) {
    const read = async (tensor: string, ...dims: number[]): Promise<Float32Array> =>
      swapFirstGates(await weights.read(`${name}.${tensor}`, dims));
    inputWeight.set(await read('weight_ih_l0', gates, inputs), direction * gates * inputs);
    stateWeight.set(await read('weight_hh_l0', gates, hidden), direction * gates * hidden);
    bias.set(await read('bias_ih_l0', gates), direction * 2 * gates);
    bias.set(await read('bias_hh_l0', gates), (direction * 2 + 1) * gates);
  }
  return [
    { data: inputWeight, dims: [2, gates, inputs] },
    { data: stateWeight, dims: [2, gates, hidden] },
    { data: bias, dims: [2, 2 * gates] },
  ];
}

/** torch orders the gates reset, update, new; ONNX update, reset, hidden (which is new). */
function swapFirstGates(values: Float32Array): Float32Array {
  const third = values.length / 3;
  const swapped = Float32Array.from(values);
  swapped.set(values.subarray(third, 2 * third), 0);
  swapped.set(values.subarray(0, third), third);
  return swapped;
}
