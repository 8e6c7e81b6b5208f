import { describe, expect, it } from 'vitest';
import { networkGraphs } from '../networks/index.js';
import { GraphBuilder, parseModel } from '../onnx/index.js';
import { madeUpWeights } from '../testing/made-up-weights.js';
import { startCalibration } from './calibration.js';
import { planQuantization } from './plan.js';
import { quantizeGraph } from './quantize-graph.js';

const CHANNELS = 8;

/** Convolution, ReLU, pooling, and a last convolution that makes the output. */
function smallGraph() {
  const builder = new GraphBuilder('small');
  const kernel = (outputs: number): string =>
    builder.constant({
      data: Float32Array.from({ length: outputs * CHANNELS }, (_, i) => (i % 5) - 2),
      dims: [outputs, CHANNELS, 1, 1],
    });
  const x = builder.input({ name: 'x', type: 'float32', dims: [1, CHANNELS, 4, 4] });
  const bias = builder.floats(Array<number>(CHANNELS).fill(0.5));
  builder.node('Conv', [x, kernel(CHANNELS), bias], {}, ['conv']);
  builder.node('Relu', ['conv'], {}, ['relu']);
  builder.node('MaxPool', ['relu'], { kernel_shape: { ints: [2, 2] } }, ['pooled']);
  builder.node('Conv', ['pooled', kernel(2)], {}, ['y']);
  builder.output({ name: 'y', type: 'float32', dims: [1, 2, 3, 3] });
  return parseModel(builder.encode());
}

describe('quantizeGraph', () => {
  it('rounds weights, biases and values of hidden convolutions, and keeps the last one', () => {
    const graph = smallGraph();
    const plan = planQuantization(graph);
    expect([...plan.convolutions]).toEqual(['conv']);
    expect([...plan.rangeOf]).toEqual([
      ['x', 'x'],
      ['relu', 'relu'],
      ['pooled', 'relu'],
    ]);
    const ranges = new Map([
      ['x', { min: -1, max: 1.55 }],
      ['relu', { min: 0, max: 5.1 }],
    ]);
    const { nodes, initializers } = quantizeGraph(graph, ranges);
    expect(initializers.get('x_zero')!.data).toEqual(Uint8Array.of(100));
    expect(initializers.get('x_scale')!.data[0]).toBeCloseTo(0.01, 6);
    expect(initializers.get('relu_zero')!.data).toEqual(Uint8Array.of(0));
    // The pooled value has the scale of what was pooled, so that pooling whole numbers is exact.
    expect(initializers.get('pooled_scale')!.data).toEqual(initializers.get('relu_scale')!.data);
    const conv = nodes.find(({ outputs }) => outputs[0] === 'conv')!;
    const [input, weight = '', bias = ''] = conv.inputs;
    expect(input).toBe('x_rounded');
    const scales = initializers.get(weight.replace('_float', '_scale'))!.data as Float32Array;
    const whole = initializers.get(weight.replace('_float', '_int'))!.data;
    expect(whole).toBeInstanceOf(Int8Array);
    expect(Number(whole[0]) * scales[0]!).toBeCloseTo(-2, 5);
    const biasScale = initializers.get(bias.replace('_float', '_scale'))!.data[0]!;
    const biasInt = initializers.get(bias.replace('_float', '_int'))!.data;
    expect(Number(biasInt[0]) * Number(biasScale)).toBeCloseTo(0.5, 3);
    expect(nodes.find(({ outputs }) => outputs[0] === 'y')!.inputs[0]).toBe('pooled_rounded');
  });

  it('names every value before it is read', async () => {
    const { graph } = await networkGraphs['syncnet-audio'](madeUpWeights('syncnet-audio'));
    const calibration = startCalibration(graph.encode());
    const { rangeOf } = planQuantization(parseModel(calibration.probe));
    const data = Float32Array.of(0, 1);
    calibration.observe(Object.fromEntries([...rangeOf.values()].map((name) => [name, { data }])));
    const quantized = parseModel(calibration.finish());
    const known = new Set(['', ...quantized.initializers.keys()]);
    for (const { name } of quantized.inputs) known.add(name);
    for (const { inputs, outputs } of quantized.nodes) {
      for (const name of inputs) expect(known).toContain(name);
      for (const name of outputs) known.add(name);
    }
    for (const { name } of quantized.outputs) expect(known).toContain(name);
  });

  it('does not finish on nothing', () => {
    const builder = new GraphBuilder('empty');
    builder.input({ name: 'x', type: 'float32', dims: [1] });
    expect(() => startCalibration(builder.encode()).finish()).toThrow('nothing was observed');
  });
});
