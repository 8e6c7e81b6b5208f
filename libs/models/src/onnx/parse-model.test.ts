import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madeUpWeights } from '../testing/made-up-weights.js';
import { networkGraphs } from '../networks/index.js';
import { GraphBuilder } from './graph-builder.js';
import { encodeModel } from './model-proto.js';
import { parseModel } from './parse-model.js';

function smallModel(): Uint8Array {
  const builder = new GraphBuilder('small');
  const x = builder.input({ name: 'x', type: 'uint8', dims: ['n', 2] });
  const weight = builder.constant({ data: Int8Array.of(-1, 127), dims: [2] });
  builder.node(
    'Made',
    [x, weight, builder.int64s([-5, 2 ** 40]), builder.floats([0.1], [])],
    { i: { int: -3 }, f: { float: 0.5 }, s: { string: 'ä' }, is: { ints: [-1, 300] } },
    ['y'],
  );
  builder.output({ name: 'y', type: 'float32', dims: [1, 'm'] });
  return builder.encode();
}

describe('parseModel', () => {
  it('reads what was written, so that writing it again gives the same bytes', () => {
    const file = smallModel();
    const graph = parseModel(file);
    expect(graph.nodes[0]!.attributes['is']).toEqual({ ints: [-1, 300] });
    expect(graph.initializers.get('const_0')).toEqual({ data: Int8Array.of(-1, 127), dims: [2] });
    expect(encodeModel(graph)).toEqual(file);
    // As readFile gives it.
    expect(parseModel(Buffer.from(file))).toEqual(graph);
  });

  it('reads a whole network', async () => {
    const { graph } = await networkGraphs['lr-asd'](madeUpWeights('lr-asd'));
    const file = graph.encode();
    expect(Buffer.compare(encodeModel(parseModel(file)), file)).toBe(0);
  });

  it('refuses damaged files and files of others with an AvdError, and never hangs', () => {
    const file = smallModel();
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = file.with(at, byte);
        try {
          parseModel(damaged);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'model', reason: 'ONNX_UNSUPPORTED' });
        }
      }),
      { numRuns: 2000 },
    );
    expect(() => parseModel(file.subarray(0, file.length - 3))).toThrow(/not one that avd made/);
    expect(() => parseModel(Uint8Array.of())).toThrow(/no graph/);
  });
});
